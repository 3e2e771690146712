// Package storage describes an Azure Storage account: queues, tables and
// blobs. Output bindings write to it, queue triggers consume its messages, and
// the page, commands and tests read it.
package storage

import (
	"context"
	"errors"
	"io"
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
	// the limit. The count of a queue is approximate and includes hidden
	// messages.
	Count(ctx context.Context, kind Kind, name string, limit int) (int, error)
	// Messages returns a queue's visible messages, the oldest first. An
	// account in Azure shows 32 at most.
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
	// OpenBlob opens a blob, or returns [ErrNotFound]. The content of a local
	// file is also an [io.Seeker].
	OpenBlob(ctx context.Context, container, name string) (io.ReadCloser, BlobInfo, error)
}

// Storage is a whole account.
type Storage interface {
	Writer
	Consumer
	Reader
	Peeker
	// Local reports whether the account is on this machine. Other accounts
	// may hold data that somebody needs.
	Local() bool
	// Clear removes all messages, rows and blobs of a local account. It
	// returns [ErrNotLocal] for any other.
	Clear(ctx context.Context) error
	// RemoveMessage deletes a visible message of a local account, which a
	// person has chosen by its id. It returns [ErrMessageNotFound] if the
	// message is hidden or not there, and [ErrNotLocal] for any other account.
	//
	// The service deletes only messages that were received. So azure receives
	// the messages up to this one and makes the others visible again, which
	// adds 1 to their dequeue counts.
	RemoveMessage(ctx context.Context, queue, id string) error
}

// Kind is a kind of store.
type Kind string

// The kinds of stores.
const (
	Queues     Kind = "queue"
	Tables     Kind = "table"
	Containers Kind = "container"
)

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
	// ContentType is set by OpenBlob.
	ContentType string `json:"contentType,omitzero"`
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
	// ErrReceipt means that the message has another pop receipt, because it was
	// received or updated again.
	ErrReceipt = errors.New("PopReceiptMismatch")
	// ErrMessageNotFound means that the message does not exist.
	ErrMessageNotFound = errors.New("MessageNotFound")
	// ErrNotFound means that the blob does not exist.
	ErrNotFound = errors.New("the blob does not exist")
	// ErrInvalid means that the service refuses a name, key or size.
	ErrInvalid = errors.New("invalid")
)
