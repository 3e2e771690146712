package blobservice

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
)

const (
	metadataPrefix = "X-Ms-Meta-"
	blobType       = "BlockBlob"
)

// getBlob answers with a blob or a range of it, to HEAD with its properties.
func (s *Service) getBlob(w http.ResponseWriter, r request) error {
	blob, err := s.Storage.Open(r.container, r.blob)
	if errors.Is(err, storage.ErrNotFound) && r.Header.Get("If-Match") != "" {
		return errCondition
	}
	if err != nil {
		return err
	}
	defer blob.Close()
	setVersion(w.Header(), blob.Modified)
	if err := r.forRead(blob); err != nil {
		return err
	}
	start, length, isRange, err := parseRange(cmp.Or(r.Header.Get("x-ms-range"), r.Header.Get("Range")), blob.Size)
	if err != nil {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", blob.Size))
		return err
	}
	describe(w.Header(), blob)
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	if isRange && r.Method == http.MethodGet {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, start+length-1, blob.Size))
		w.Header().Del("Content-MD5") // that of the whole blob
		w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, io.NewSectionReader(blob.File, start, length))
	}
	return nil
}

// describe sets the headers of a blob.
func describe(header http.Header, blob *embedded.Blob) {
	header.Set("Content-Type", blob.ContentType)
	header.Set("Accept-Ranges", "bytes")
	header.Set("x-ms-blob-type", blobType)
	header.Set("x-ms-lease-state", "available")
	header.Set("x-ms-lease-status", "unlocked")
	header.Set("x-ms-server-encrypted", "true")
	for name, value := range blob.Headers {
		header.Set(name, value)
	}
	for name, value := range blob.Metadata {
		header["x-ms-meta-"+name] = []string{value}
	}
}

var byteRange = regexp.MustCompile(`^bytes=(\d+)-(\d*)$`)

// parseRange returns a part of so many bytes. A header of another form than the
// service reads has no effect.
func parseRange(header string, size int64) (start, length int64, isRange bool, err error) {
	parts := byteRange.FindStringSubmatch(header)
	if parts == nil {
		return 0, size, false, nil
	}
	start, err = strconv.ParseInt(parts[1], 10, 64)
	if err != nil || start >= size {
		return 0, 0, false, errRange
	}
	end := size - 1
	if last, err := strconv.ParseInt(parts[2], 10, 64); err == nil && last < end {
		end = last
	}
	if end < start {
		return 0, size, false, nil
	}
	return start, end - start + 1, true, nil
}

// deleteBlob deletes a blob.
func (s *Service) deleteBlob(w http.ResponseWriter, r request) error {
	err := s.Storage.DeleteBlob(r.container, r.blob, func(present *embedded.Blob) error {
		if present == nil {
			return errBlobNotFound
		}
		if !r.conditionsMet(present) {
			return errCondition
		}
		return nil
	})
	if err == nil {
		w.Header().Set("x-ms-delete-type-permanent", "true")
		w.WriteHeader(http.StatusAccepted)
	}
	return err
}
