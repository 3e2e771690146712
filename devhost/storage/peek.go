package storage

import (
	"context"
	"time"
)

// Peeker is storage that can be looked at without reading all of it.
type Peeker interface {
	// CountMessages is how many messages a queue has, or about how many.
	CountMessages(ctx context.Context, queue string) (int, error)
	// CountRows and CountBlobs count up to a limit, at least.
	CountRows(ctx context.Context, table string, limit int) (int, error)
	CountBlobs(ctx context.Context, container string, limit int) (int, error)

	// PeekMessages are some of a queue's messages, the oldest first: the
	// newest ones or, where the service does not show them, the oldest.
	PeekMessages(ctx context.Context, queue string, limit int) (Part[Message], error)
	// PeekRows are some of a table's rows by their keys: the newest ones or,
	// where the service does not tell, the first.
	PeekRows(ctx context.Context, table string, limit int) (Part[Row], error)
	// PeekBlobs are some of a container's blobs by name, likewise.
	PeekBlobs(ctx context.Context, container string, limit int) (Part[BlobInfo], error)
	// Blob is a blob's content, at most so many bytes of it.
	Blob(ctx context.Context, container, name string, limit int64) ([]byte, error)
}

// Part is some of the items that there are.
type Part[T any] struct {
	Items []T
	// Newest says that the items are the newest ones, not the first.
	Newest bool
	// More says that there are others.
	More bool
	// Count is how many there are in all, where that is known; else 0.
	Count int
}

// BlobInfo is a blob without its content.
type BlobInfo struct {
	Name     string    `json:"name"`
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size"`
}
