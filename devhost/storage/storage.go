// Package storage is what devhost knows of Azure Storage: queues, tables and
// blobs, written by output bindings and read by people and tests.
package storage

import (
	"context"
	"errors"
	"time"
)

// Storage is one storage account. What is written to need not exist: it is
// created.
type Storage interface {
	// Local reports whether the account is on this machine, and so holds
	// nothing that anybody relies on.
	Local() bool

	// Enqueue adds a message to a queue.
	Enqueue(ctx context.Context, queue string, message []byte) error
	// Write changes rows of one partition, at most 100, each once: all of
	// them or none.
	Write(ctx context.Context, table string, changes []Change) error
	// PutBlob writes a blob, over the one that is there.
	PutBlob(ctx context.Context, container, name string, content []byte) error

	// Queues are the names of all queues, in order.
	Queues(ctx context.Context) ([]string, error)
	// Messages are a queue's messages, the oldest first: all of them, or as
	// many as the service shows without handing them over, which are 32.
	Messages(ctx context.Context, queue string) ([]Message, error)
	// Tables are the names of all tables, in order.
	Tables(ctx context.Context) ([]string, error)
	// Rows are a table's rows by PartitionKey and RowKey.
	Rows(ctx context.Context, table string) ([]Row, error)
	// Containers are the names of all blob containers, in order.
	Containers(ctx context.Context) ([]string, error)
	// Blobs are a container's blobs by name.
	Blobs(ctx context.Context, container string) ([]Blob, error)

	// Clear removes all messages, rows and blobs. It refuses with
	// [ErrNotLocal] to do that to an account that is not local.
	Clear(ctx context.Context) error

	Peeker
}

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

// Row is a row of a table.
type Row struct {
	PartitionKey string
	RowKey       string
	Timestamp    time.Time
	ETag         string
	Columns      []Column
}

// Column is a column of a row, besides its keys.
type Column struct {
	Name string
	Type Type
	// Value is a string, int64, float64 or bool, as Type says.
	Value any
}

// Type is a column's type.
type Type string

// The types that an output binding can write.
const (
	String  Type = "Edm.String"
	Int64   Type = "Edm.Int64"
	Double  Type = "Edm.Double"
	Boolean Type = "Edm.Boolean"
)

// Change is what to do with one row.
type Change struct {
	Row Row
	// If says when: see the constants, or else the entity tag that the row
	// must have to be replaced.
	If string
}

// The conditions of a change.
const (
	// Absent inserts the row, which must not be there.
	Absent = ""
	// Always inserts the row, or replaces the one that is there.
	Always = "*"
)

// What can keep something from being written. They are wrapped with what is
// wrong with it.
var (
	// ErrConflict: the row is there already.
	ErrConflict = errors.New("EntityAlreadyExists")
	// ErrCondition: the row is not there, or has another entity tag.
	ErrCondition = errors.New("UpdateConditionNotSatisfied")
	// ErrNotLocal: somebody may rely on what the account holds.
	ErrNotLocal = errors.New("the storage account is not on this machine")
	// ErrNotFound: there is no such blob.
	ErrNotFound = errors.New("there is no such blob")
	// ErrInvalid: the service takes no such name, key or size.
	ErrInvalid = errors.New("invalid")
)

// Column returns a column's value, or nil.
func (r Row) Column(name string) any {
	for _, c := range r.Columns {
		if c.Name == name {
			return c.Value
		}
	}
	return nil
}
