package azure

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"whatsapp-functions/devhost/storage"
)

// PutBlob implements [storage.Storage].
func (a *Account) PutBlob(ctx context.Context, container, name string, content []byte) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	_, err := a.blobs.UploadBuffer(ctx, container, name, content, nil)
	if isCode(err, string(bloberror.ContainerNotFound)) {
		if _, err = a.blobs.CreateContainer(ctx, container, nil); err == nil || isCode(err, string(bloberror.ContainerAlreadyExists)) {
			_, err = a.blobs.UploadBuffer(ctx, container, name, content, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("container %s: %s", container, brief(err))
	}
	return nil
}

// Containers implements [storage.Storage].
func (a *Account) Containers(ctx context.Context) ([]string, error) {
	var names []string
	pages := a.blobs.NewListContainersPager(nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("containers: %s", brief(err))
		}
		for _, container := range page.ContainerItems {
			names = append(names, *container.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Blobs implements [storage.Storage].
func (a *Account) Blobs(ctx context.Context, container string) ([]storage.Blob, error) {
	var blobs []storage.Blob
	pages := a.blobs.NewListBlobsFlatPager(container, nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if isCode(err, string(bloberror.ContainerNotFound)) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("container %s: %s", container, brief(err))
		}
		for _, item := range page.Segment.BlobItems {
			content, err := a.download(ctx, container, *item.Name)
			if err != nil {
				return nil, err
			}
			blobs = append(blobs, storage.Blob{Name: *item.Name, Modified: item.Properties.LastModified.UTC(), Content: content})
		}
	}
	return blobs, nil
}

func (a *Account) download(ctx context.Context, container, name string) ([]byte, error) {
	response, err := a.blobs.DownloadStream(ctx, container, name, nil)
	if err != nil {
		return nil, fmt.Errorf("blob %s: %s", name, brief(err))
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
