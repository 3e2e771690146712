package prove_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"whatsapp-functions/devhost/storage"
)

// fault is what goes wrong with one delivery.
type fault struct {
	kind faultKind
	// output is the queue, table or container that fails, at its nth write.
	output string
	nth    int
}

type faultKind string

// The kinds of faults.
const (
	none faultKind = "none"
	// lostRequest: the handler is never asked.
	lostRequest faultKind = "the request is lost"
	// lostAnswer: it is asked, but its answer never arrives.
	lostAnswer faultKind = "the answer is lost"
	// failedWrite: a write fails, and so does all behind it in that output.
	failedWrite faultKind = "a write fails"
	// unsureWrite: a write fails that storage has made all the same.
	unsureWrite faultKind = "a write is made and fails"
	// lostAck: all is written, but Event Grid never learns of it.
	lostAck faultKind = "the acknowledgement is lost"
)

func (f fault) String() string {
	if f.output == "" {
		return string(f.kind)
	}
	return fmt.Sprintf("%s: %s, number %d", f.kind, f.output, f.nth)
}

var errFault = errors.New("storage is out of order")

// faulty is storage that fails once, as its fault says, and watches over the
// order of statuses.
type faulty struct {
	storage.Storage
	fault   fault
	watch   *watch
	mu      sync.Mutex
	written map[string]int
}

// do makes a write, or fails.
func (s *faulty) do(output string, write func() error) error {
	s.mu.Lock()
	if s.written == nil {
		s.written = map[string]int{}
	}
	n := s.written[output]
	s.written[output]++
	s.mu.Unlock()
	if s.fault.output == output && s.fault.nth == n {
		switch s.fault.kind {
		case failedWrite:
			return errFault
		case unsureWrite:
			return errors.Join(write(), errFault)
		}
	}
	return write()
}

func (s *faulty) Enqueue(ctx context.Context, queue string, message []byte) error {
	return s.do(queue, func() error { return s.Storage.Enqueue(ctx, queue, message) })
}

func (s *faulty) Write(ctx context.Context, table string, changes []storage.Change) error {
	return s.do(table, func() error {
		err := s.Storage.Write(ctx, table, changes)
		if err == nil {
			s.watch.rows(table, changes)
		}
		return err
	})
}

func (s *faulty) PutBlob(ctx context.Context, container, name string, content []byte) error {
	return s.do(container, func() error { return s.Storage.PutBlob(ctx, container, name, content) })
}

// watch sees to it that the current status of a message, which is the first
// row of its partition, only ever rises, and is the highest of all.
type watch struct {
	mu       sync.Mutex
	first    map[string]storage.Row
	highest  map[string]int64
	violated []string
}

func (w *watch) rows(table string, changes []storage.Change) {
	if table != "MessageStatus" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == nil {
		w.first, w.highest = map[string]storage.Row{}, map[string]int64{}
	}
	for _, change := range changes {
		row := change.Row
		rank, _ := row.Column("Rank").(int64)
		w.highest[row.PartitionKey] = max(w.highest[row.PartitionKey], rank)
		if there, ok := w.first[row.PartitionKey]; !ok || strings.Compare(row.RowKey, there.RowKey) <= 0 {
			w.first[row.PartitionKey] = row
		}
		current, _ := w.first[row.PartitionKey].Column("Rank").(int64)
		if highest := w.highest[row.PartitionKey]; current != highest {
			w.violated = append(w.violated, fmt.Sprintf("the status of %s went back: its first row is of rank %d, there was one of %d", row.PartitionKey, current, highest))
		}
	}
}
