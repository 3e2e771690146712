package mediaserver

import (
	"crypto/rand"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// The paths of the services below devhost's address.
const (
	GraphPath = "/graph"
	ACSPath   = "/acs"
)

// Server serves the files of a store as the providers do.
type Server struct {
	Store *Store
	// Now is the clock; nil is [time.Now].
	Now func() time.Time

	secret []byte // signs the URLs of files
	mux    *http.ServeMux
}

// NewServer returns a server of a store's files.
func NewServer(store *Store) *Server {
	s := &Server{Store: store, Now: time.Now, secret: []byte(rand.Text()), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET "+GraphPath+"/{version}/{id}", s.describe)
	s.mux.HandleFunc("GET "+GraphPath+downloads+"{id}/{expires}/{signature}", s.download)
	s.mux.HandleFunc("GET "+ACSPath+"/messages/streams/{id}", s.stream)
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Environ returns the settings with which an app uses this server at an address,
// http://host:port.
func Environ(address string) []string {
	return []string{
		"MEDIA_META_URL=" + address + GraphPath,
		"MEDIA_ACS_CONNECTION_STRING=endpoint=" + address + ACSPath + "/;accesskey=" + accessKey,
	}
}

// Upload stores the body of a request. The query has the name of the file, and
// Content-Type its MIME type, both of which may be missing:
//
//	POST ...?name=photo.jpg
//
// [UploadStatus] returns the status for an error.
func (s *Server) Upload(r *http.Request) (File, error) {
	if r.ContentLength > MaxSize {
		return File{}, ErrTooLarge
	}
	return s.Store.Add(r.Body, r.URL.Query().Get("name"), r.Header.Get("Content-Type"))
}

// UploadStatus returns the status of the answer to an upload.
func UploadStatus(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	default:
		return http.StatusInternalServerError
	}
}

// send answers with the content of a file.
func (s *Server) send(w http.ResponseWriter, id string) error {
	content, file, err := s.Store.Open(id)
	if err != nil {
		return err
	}
	defer content.Close()
	header := w.Header()
	header.Set("Content-Type", file.MimeType)
	header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	header.Set("Content-Disposition", "attachment") // a browser must not run it
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = io.Copy(w, content)
	return nil
}

func answer(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
