package azure

import (
	"context"
	"fmt"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/queueerror"

	"whatsapp-functions/devhost/storage"
)

// CountMessages implements [storage.Peeker]: the service's number is about
// right.
func (a *Account) CountMessages(ctx context.Context, queue string) (int, error) {
	properties, err := a.queues.NewQueueClient(queue).GetProperties(ctx, nil)
	if isCode(err, string(queueerror.QueueNotFound)) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue %s: %s", queue, brief(err))
	}
	if properties.ApproximateMessagesCount == nil {
		return 0, nil
	}
	return int(*properties.ApproximateMessagesCount), nil
}

// CountRows implements [storage.Peeker].
func (a *Account) CountRows(ctx context.Context, table string, limit int) (int, error) {
	top, columns := int32(min(limit, pageLimit)), memberRowKey
	return count(ctx, a.tables.NewClient(table).NewListEntitiesPager(&aztables.ListEntitiesOptions{Top: &top, Select: &columns}), limit,
		"table "+table, string(aztables.TableNotFound), func(page aztables.ListEntitiesResponse) int { return len(page.Entities) })
}

// CountBlobs implements [storage.Peeker].
func (a *Account) CountBlobs(ctx context.Context, container string, limit int) (int, error) {
	top := int32(min(limit, pageLimit))
	return count(ctx, a.blobs.NewListBlobsFlatPager(container, &azblob.ListBlobsFlatOptions{MaxResults: &top}), limit,
		"container "+container, string(bloberror.ContainerNotFound), func(page azblob.ListBlobsFlatResponse) int { return len(page.Segment.BlobItems) })
}

// memberRowKey is the one column that is asked for where rows are counted.
const memberRowKey = "RowKey"

// pageLimit is how much of a list the service sends at once.
const pageLimit = 1000

// count counts what is on pages, until it is as many as the limit. What is not
// there is none.
func count[T any](ctx context.Context, pages *runtime.Pager[T], limit int, what, notFound string, length func(T) int) (n int, err error) {
	for pages.More() && n < limit {
		page, err := pages.NextPage(ctx)
		if isCode(err, notFound) {
			return 0, nil
		}
		if err != nil {
			return n, fmt.Errorf("%s: %s", what, brief(err))
		}
		n += length(page)
	}
	return n, nil
}

// PeekMessages implements [storage.Peeker]: the service shows the oldest ones.
func (a *Account) PeekMessages(ctx context.Context, queue string, limit int) (storage.Part[storage.Message], error) {
	messages, err := a.Messages(ctx, queue)
	more := len(messages) > limit || len(messages) == int(peekLimit)
	return storage.Part[storage.Message]{Items: messages[:min(limit, len(messages))], More: more}, err
}

// PeekRows implements [storage.Peeker].
func (a *Account) PeekRows(ctx context.Context, table string, limit int) (storage.Part[storage.Row], error) {
	var part storage.Part[storage.Row]
	top, format := int32(min(limit, pageLimit)), aztables.MetadataFormatFull
	pages := a.tables.NewClient(table).NewListEntitiesPager(&aztables.ListEntitiesOptions{Top: &top, Format: &format})
	for pages.More() && len(part.Items) < limit {
		page, err := pages.NextPage(ctx)
		if isCode(err, string(aztables.TableNotFound)) {
			return part, nil
		}
		if err != nil {
			return part, fmt.Errorf("table %s: %s", table, brief(err))
		}
		for _, entity := range page.Entities {
			row, err := storage.DecodeRow(entity)
			if err != nil {
				return part, fmt.Errorf("table %s: %w", table, err)
			}
			part.Items = append(part.Items, row)
		}
	}
	part.More = pages.More()
	return part, nil
}

// PeekBlobs implements [storage.Peeker].
func (a *Account) PeekBlobs(ctx context.Context, container string, limit int) (storage.Part[storage.BlobInfo], error) {
	var part storage.Part[storage.BlobInfo]
	top := int32(min(limit, pageLimit))
	pages := a.blobs.NewListBlobsFlatPager(container, &azblob.ListBlobsFlatOptions{MaxResults: &top})
	for pages.More() && len(part.Items) < limit {
		page, err := pages.NextPage(ctx)
		if isCode(err, string(bloberror.ContainerNotFound)) {
			return part, nil
		}
		if err != nil {
			return part, fmt.Errorf("container %s: %s", container, brief(err))
		}
		for _, item := range page.Segment.BlobItems {
			info := storage.BlobInfo{Name: *item.Name, Modified: item.Properties.LastModified.UTC()}
			if item.Properties.ContentLength != nil {
				info.Size = *item.Properties.ContentLength
			}
			part.Items = append(part.Items, info)
		}
	}
	part.More = pages.More()
	return part, nil
}

// Blob implements [storage.Peeker].
func (a *Account) Blob(ctx context.Context, container, name string, limit int64) ([]byte, error) {
	response, err := a.blobs.DownloadStream(ctx, container, name, nil)
	if isCode(err, string(bloberror.ContainerNotFound), string(bloberror.BlobNotFound)) {
		return nil, fmt.Errorf("%s/%s: %w", container, name, storage.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("blob %s: %s", name, brief(err))
	}
	defer response.Body.Close()
	return io.ReadAll(io.LimitReader(response.Body, limit))
}
