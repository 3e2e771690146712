package azure

import (
	"context"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"whatsapp-functions/devhost/storage"
)

// PutBlob implements [storage.Writer].
func (a *Account) PutBlob(ctx context.Context, container, name string, content []byte) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	return create("container "+container, string(bloberror.ContainerNotFound), string(bloberror.ContainerAlreadyExists), func() error {
		_, err := a.blobs.UploadBuffer(ctx, container, name, content, nil)
		return err
	}, func() error {
		_, err := a.blobs.CreateContainer(ctx, container, nil)
		return err
	})
}

func containerName(c *service.ContainerItem) string { return *c.Name }

// Blobs implements [storage.Reader].
func (a *Account) Blobs(ctx context.Context, container string) ([]storage.Blob, error) {
	found, err := a.PeekBlobs(ctx, container, all)
	if err != nil {
		return nil, err
	}
	var blobs []storage.Blob
	for _, info := range found.Items {
		content, err := a.Blob(ctx, container, info.Name, all)
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, storage.Blob{Name: info.Name, Modified: info.Modified, Content: content})
	}
	return blobs, nil
}

// PeekBlobs implements [storage.Peeker].
func (a *Account) PeekBlobs(ctx context.Context, name string, limit int) (storage.Part[storage.BlobInfo], error) {
	top := int32(min(limit, pageLimit))
	pager := a.blobs.NewListBlobsFlatPager(name, &azblob.ListBlobsFlatOptions{MaxResults: &top})
	return pages(ctx, pager, limit, "container "+name, string(bloberror.ContainerNotFound), func(p azblob.ListBlobsFlatResponse) ([]storage.BlobInfo, error) {
		return each(p.Segment.BlobItems, func(item *container.BlobItem) storage.BlobInfo {
			info := storage.BlobInfo{Name: *item.Name, Modified: item.Properties.LastModified.UTC()}
			if item.Properties.ContentLength != nil {
				info.Size = *item.Properties.ContentLength
			}
			return info
		})
	})
}

// Blob implements [storage.Peeker].
func (a *Account) Blob(ctx context.Context, container, name string, limit int64) ([]byte, error) {
	content, _, err := a.OpenBlob(ctx, container, name)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(io.LimitReader(content, limit))
}

// OpenBlob implements [storage.Peeker].
func (a *Account) OpenBlob(ctx context.Context, container, name string) (io.ReadCloser, storage.BlobInfo, error) {
	info := storage.BlobInfo{Name: name}
	response, err := a.blobs.DownloadStream(ctx, container, name, nil)
	if isCode(err, string(bloberror.ContainerNotFound), string(bloberror.BlobNotFound)) {
		return nil, info, fmt.Errorf("%s/%s: %w", container, name, storage.ErrNotFound)
	}
	if err != nil {
		return nil, info, fmt.Errorf("blob %s: %w", name, brief(err))
	}
	if response.ContentLength != nil {
		info.Size = *response.ContentLength
	}
	if response.LastModified != nil {
		info.Modified = response.LastModified.UTC()
	}
	if response.ContentType != nil {
		info.ContentType = *response.ContentType
	}
	return response.Body, info, nil
}
