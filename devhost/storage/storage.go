// Package storage describes an Azure Storage account: queues, tables and
// blobs, written by output bindings and read by the page, commands and tests.
package storage

import (
	"context"
	"errors"
	"time"
)

// Writer is what output bindings need. It creates the queue, table or
// container if it does not exist.
type Writer interface {
	// Enqueue adds a message to a queue.
	Enqueue(ctx context.Context, queue string, message []byte) error
	// Write changes rows of one partition, at most 100, each once: all of
	// them or none.
	Write(ctx context.Context, table string, changes []Change) error
	// PutBlob creates or replaces a blob.
	PutBlob(ctx context.Context, container, name string, content []byte) error
}

// Reader lists what an account holds. What does not exist is empty.
type Reader interface {
	// Names returns the names of all stores of a kind, in order.
	Names(ctx context.Context, kind Kind) ([]string, error)
	// Count returns the number of items in a store. It may stop counting at
	// the limit, and the count of a queue is approximate.
	Count(ctx context.Context, kind Kind, name string, limit int) (int, error)
	// Messages returns a queue's messages, the oldest first. An account in
	// Azure shows 32 at most.
	Messages(ctx context.Context, queue string) ([]Message, error)
	// Rows returns a table's rows by PartitionKey and RowKey.
	Rows(ctx context.Context, table string) ([]Row, error)
	// Blobs returns a container's blobs by name.
	Blobs(ctx context.Context, container string) ([]Blob, error)
}

// Peeker shows a part of a store without reading all of it.
type Peeker interface {
	PeekMessages(ctx context.Context, queue string, limit int) (Part[Message], error)
	PeekRows(ctx context.Context, table string, limit int) (Part[Row], error)
	PeekBlobs(ctx context.Context, container string, limit int) (Part[BlobInfo], error)
	// Blob returns the first bytes of a blob, or [ErrNotFound].
	Blob(ctx context.Context, container, name string, limit int64) ([]byte, error)
}

// Storage is a whole account.
type Storage interface {
	Writer
	Reader
	Peeker
	// Local reports whether the account is on this machine. Other accounts
	// may hold data that somebody needs.
	Local() bool
	// Clear removes all messages, rows and blobs of a local account. It
	// returns [ErrNotLocal] for any other.
	Clear(ctx context.Context) error
}

// Kind is a kind of store.
type Kind string

// The kinds of stores.
const (
	Queues     Kind = "queue"
	Tables     Kind = "table"
	Containers Kind = "container"
)

// Message is a message in a queue, as a consumer reads it.
type Message struct {
	ID       string
	Inserted time.Time
	Body     []byte
}

// Blob is a blob with its content.
type Blob struct {
	Name     string
	Modified time.Time
	Content  []byte
}

// BlobInfo is a blob without its content.
type BlobInfo struct {
	Name     string    `json:"name"`
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size"`
}

// Part is some of the items of a store, in their usual order.
type Part[T any] struct {
	Items []T
	// Newest reports whether the items are the newest ones. Azure can only
	// show the first ones.
	Newest bool
	// More reports whether the store has other items.
	More bool
	// Count is the number of all items; 0 if it is not known.
	Count int
}

var (
	// ErrConflict means that the row exists.
	ErrConflict = errors.New("EntityAlreadyExists")
	// ErrCondition means that the row does not exist or has another ETag.
	ErrCondition = errors.New("UpdateConditionNotSatisfied")
	// ErrNotLocal means that the account may hold data that somebody needs.
	ErrNotLocal = errors.New("the storage account is not on this machine")
	// ErrNotFound means that the blob does not exist.
	ErrNotFound = errors.New("the blob does not exist")
	// ErrInvalid means that the service refuses a name, key or size.
	ErrInvalid = errors.New("invalid")
)
