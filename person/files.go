package main

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// file is a blob with a file that the person sent.
type file struct{ name string }

// readFiles finds the files that rows and messages of the person name.
func (s *search) readFiles(ctx context.Context) error {
	container := s.account.blobs.ServiceClient().NewContainerClient(s.mediaContainer)
	for _, name := range sortedKeys(s.person.files) {
		properties, err := container.NewBlobClient(name).GetProperties(ctx, nil)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("container %s: %w", s.mediaContainer, brief(err))
		}
		members := []any{"container", s.mediaContainer, "blob", name}
		if properties.ContentLength != nil {
			members = append(members, "size", *properties.ContentLength)
		}
		if properties.ContentType != nil {
			members = append(members, "contentType", *properties.ContentType)
		}
		if s.mediaFolder != "" {
			members = append(members, "file", filepath.Join(s.mediaFolder, filepath.FromSlash(name)))
		}
		s.found = append(s.found, finding{place: "container " + s.mediaContainer, lines: []jsontext.Value{line(members...)}, file: &file{name}})
	}
	return nil
}

// isNotFound reports whether a blob or its container does not exist. A HEAD request
// has no body with a code.
func isNotFound(err error) bool {
	return bloberror.HasCode(err, bloberror.BlobNotFound, bloberror.ContainerNotFound, bloberror.ResourceNotFound)
}

// save writes a file below the folder of --media.
func (s *search) save(ctx context.Context, f *file) error {
	if err := os.MkdirAll(s.mediaFolder, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(s.mediaFolder) // names of blobs can't leave it
	if err != nil {
		return err
	}
	defer root.Close()
	name := filepath.FromSlash(f.name)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	to, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := s.account.blobs.DownloadFile(ctx, s.mediaContainer, f.name, to, &azblob.DownloadFileOptions{Concurrency: 1}); err != nil {
		_ = to.Close()
		return fmt.Errorf("container %s: %w", s.mediaContainer, brief(err))
	}
	return to.Close()
}

func (s *search) deleteFile(ctx context.Context, f *file) error {
	if _, err := s.account.blobs.DeleteBlob(ctx, s.mediaContainer, f.name, nil); err != nil && !isNotFound(err) {
		return fmt.Errorf("container %s: %w", s.mediaContainer, brief(err))
	}
	return nil
}
