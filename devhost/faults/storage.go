package faults

import (
	"context"
	"errors"
	"fmt"

	"whatsapp-functions/devhost/storage"
)

// ErrOnRequest is the error of a write that the fault FailWrites made fail.
var ErrOnRequest = errors.New("the write failed on request: the fault FailWrites is on")

// Storage is a storage account in which writes fail on request.
type Storage struct {
	storage.Writer
	Faults *Faults
}

// Enqueue implements [storage.Writer].
func (s Storage) Enqueue(ctx context.Context, queue string, message []byte) error {
	if s.Faults.FailWrite() {
		return fmt.Errorf("queue %s: %w", queue, ErrOnRequest)
	}
	return s.Writer.Enqueue(ctx, queue, message)
}

// Write implements [storage.Writer].
func (s Storage) Write(ctx context.Context, table string, changes []storage.Change) error {
	if s.Faults.FailWrite() {
		return fmt.Errorf("table %s: %w", table, ErrOnRequest)
	}
	return s.Writer.Write(ctx, table, changes)
}

// PutBlob implements [storage.Writer].
func (s Storage) PutBlob(ctx context.Context, container, name string, content []byte) error {
	if s.Faults.FailWrite() {
		return fmt.Errorf("container %s: %w", container, ErrOnRequest)
	}
	return s.Writer.PutBlob(ctx, container, name, content)
}
