package embedded

import (
	"context"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"whatsapp-functions/devhost/storage"
)

// PutBlob implements [storage.Storage].
func (s *Storage) PutBlob(_ context.Context, container, name string, content []byte) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(s.blobPath(container, name), content)
}

func (s *Storage) blobPath(container, name string) string {
	parts := []string{"blobs", container}
	for part := range strings.SplitSeq(name, "/") {
		parts = append(parts, fileName(part))
	}
	return s.path(parts...)
}

// Containers implements [storage.Storage].
func (s *Storage) Containers(context.Context) ([]string, error) {
	return s.folders("blobs")
}

// Blobs implements [storage.Storage].
func (s *Storage) Blobs(_ context.Context, container string) ([]storage.Blob, error) {
	var blobs []storage.Blob
	err := s.files(func(name string, content []byte, info fs.FileInfo) error {
		blobs = append(blobs, storage.Blob{Name: blobName(name), Modified: info.ModTime().UTC(), Content: content})
		return nil
	}, "blobs", container)
	return blobs, err
}

// blobName undoes fileName, part by part. The name of a blob so long that it
// was cut stays cut.
func blobName(file string) string {
	var parts []string
	for part := range strings.SplitSeq(file, "/") {
		if name, err := url.PathUnescape(part); err == nil {
			part = name
		}
		parts = append(parts, part)
	}
	return path.Join(parts...)
}
