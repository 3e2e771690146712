package embedded

import (
	"context"
	"io"
	"os"
	"strings"

	"whatsapp-functions/devhost/storage"
)

// PutBlob implements [storage.Writer].
func (s *Storage) PutBlob(_ context.Context, container, name string, content []byte) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.Folder.Write(s.blobPath(container, name), content); err != nil {
		return err
	}
	return os.RemoveAll(s.propertiesOf(container, name))
}

func (s *Storage) blobPath(container, name string) string {
	return s.Folder.Path("blobs", container, eachPart(name, fileName))
}

// eachPart applies a function to each part of a blob's name.
func eachPart(name string, change func(string) string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = change(parts[i])
	}
	return strings.Join(parts, "/")
}

// Blobs implements [storage.Reader].
func (s *Storage) Blobs(_ context.Context, container string) ([]storage.Blob, error) {
	files, err := s.files(storage.Containers, container)
	if err != nil {
		return nil, err
	}
	return readFiles(s, files, func(f file, content []byte) (storage.Blob, error) {
		return storage.Blob{Name: eachPart(f.name, original), Modified: f.modified, Content: content}, nil
	})
}

// PeekBlobs implements [storage.Peeker].
func (s *Storage) PeekBlobs(_ context.Context, container string, limit int) (storage.Part[storage.BlobInfo], error) {
	files, err := s.files(storage.Containers, container)
	files, part := newest[storage.BlobInfo](files, limit)
	for _, f := range files {
		part.Items = append(part.Items, storage.BlobInfo{Name: eachPart(f.name, original), Modified: f.modified, Size: f.size})
	}
	return part, err
}

// Blob implements [storage.Peeker].
func (s *Storage) Blob(ctx context.Context, container, name string, limit int64) ([]byte, error) {
	content, _, err := s.OpenBlob(ctx, container, name)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(io.LimitReader(content, limit))
}

// OpenBlob implements [storage.Peeker].
func (s *Storage) OpenBlob(_ context.Context, container, name string) (io.ReadCloser, storage.BlobInfo, error) {
	blob, err := s.Open(container, name)
	if err != nil {
		return nil, storage.BlobInfo{}, err
	}
	return blob, blob.BlobInfo, nil
}
