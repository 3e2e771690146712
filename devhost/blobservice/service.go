// Package blobservice serves the part of the Blob REST API that azblob needs to
// write, read and delete block blobs, in front of embedded storage
// (https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api).
// It does not check signatures, so curl works without an account key. It has no
// listings, snapshots, leases and access tiers.
package blobservice

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
)

// Path is the path of the account, which has the name that emulators use.
const Path = "/devstoreaccount1/"

// key is the public key of emulators.
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// ConnectionString returns the connection string of the account at an address,
// http://host:port. It has no queues and tables.
func ConnectionString(address string) string {
	return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + key + ";BlobEndpoint=" + address + strings.TrimSuffix(Path, "/")
}

// Service serves the account below [Path].
type Service struct {
	Storage *embedded.Storage
	// Changed, if it is set, is called after each change of a blob.
	Changed func()
}

// request is a request for a container, or for a blob in it.
type request struct {
	*http.Request
	container, blob string
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Server", "devhost")
	header.Set("x-ms-request-id", uuid.NewString())
	if version := r.Header.Get("x-ms-version"); version != "" {
		header.Set("x-ms-version", version)
	}
	if id := r.Header.Get("x-ms-client-request-id"); id != "" {
		header.Set("x-ms-client-request-id", id)
	}
	path, _ := strings.CutPrefix(r.URL.Path, Path)
	container, blob, _ := strings.Cut(path, "/")
	if err := s.serve(w, request{r, container, blob}); err != nil {
		writeError(w, r, err)
	}
}

func (s *Service) serve(w http.ResponseWriter, r request) error {
	query := r.URL.Query()
	operation := r.Method + " " + query.Get("comp")
	if r.Method == http.MethodHead {
		operation = http.MethodGet + " " + query.Get("comp")
	}
	if r.blob == "" || query.Get("restype") == "container" {
		return s.serveContainer(w, r, operation)
	}
	if err := storage.CheckBlob(r.container, r.blob); err != nil {
		return errInvalidName
	}
	if !s.Storage.HasContainer(r.container) {
		return errContainerNotFound
	}
	switch operation {
	case "GET ":
		return s.getBlob(w, r)
	case "PUT ":
		return s.changed(s.putBlob(w, r))
	case "PUT block":
		return s.putBlock(w, r)
	case "PUT blocklist":
		return s.changed(s.putBlockList(w, r))
	case "DELETE ":
		return s.changed(s.deleteBlob(w, r))
	default:
		return errNotImplemented
	}
}

func (s *Service) changed(err error) error {
	if err == nil && s.Changed != nil {
		s.Changed()
	}
	return err
}

// serveContainer creates, deletes or describes a container.
func (s *Service) serveContainer(w http.ResponseWriter, r request, operation string) error {
	if storage.CheckBlob(r.container, "-") != nil {
		return errInvalidName
	}
	exists := s.Storage.HasContainer(r.container)
	switch {
	case r.blob != "" || r.URL.Query().Get("restype") != "container":
		return errNotImplemented
	case operation == "PUT " && exists:
		return errContainerExists
	case operation == "PUT ":
		if err := s.Storage.CreateContainer(r.container); err != nil {
			return err
		}
		setVersion(w.Header(), time.Now())
		w.WriteHeader(http.StatusCreated)
	case !exists:
		return errContainerNotFound
	case operation == "GET ":
		setVersion(w.Header(), time.Now())
	case operation == "DELETE ":
		if err := s.Storage.DeleteContainer(r.container); err != nil {
			return err
		}
		w.WriteHeader(http.StatusAccepted)
	default:
		return errNotImplemented
	}
	return nil
}

// etag returns the entity tag of what was modified at a time.
func etag(modified time.Time) string { return fmt.Sprintf(`"0x%X"`, modified.UnixNano()) }

// setVersion sets the headers that identify a version.
func setVersion(header http.Header, modified time.Time) {
	header.Set("ETag", etag(modified))
	header.Set("Last-Modified", modified.UTC().Format(http.TimeFormat))
}
