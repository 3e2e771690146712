package prove_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"whatsapp-functions/devhost/storage"
)

// deliveryFault is what goes wrong with one delivery.
type deliveryFault struct {
	kind faultKind
	// output is the queue, table or container whose nth write fails.
	output string
	nth    int
}

type faultKind string

// The kinds of faults.
const (
	none faultKind = "none"
	// lostRequest: the handler does not get the request.
	lostRequest faultKind = "the request is lost"
	// lostAnswer: the handler answers, and the answer does not arrive.
	lostAnswer faultKind = "the answer is lost"
	// failedWrite: a write fails, so later writes do not happen.
	failedWrite faultKind = "a write fails"
	// unsureWrite: storage makes the write and reports a failure.
	unsureWrite faultKind = "a write is made and fails"
	// lostAck: all is written, but Event Grid gets no answer.
	lostAck faultKind = "the acknowledgement is lost"
)

func (f deliveryFault) String() string {
	if f.output == "" {
		return string(f.kind)
	}
	return fmt.Sprintf("%s: write %d to %s", f.kind, f.nth, f.output)
}

var errFault = errors.New("storage fault")

// faulty is storage with a fault. It reports each write of rows to the watch.
type faulty struct {
	storage.Storage
	fault   deliveryFault
	watch   *watch
	mu      sync.Mutex
	written map[string]int
}

// do makes a write or fails.
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
			s.watch.written(table, changes)
		}
		return err
	})
}

func (s *faulty) PutBlob(ctx context.Context, container, name string, content []byte) error {
	return s.do(container, func() error { return s.Storage.PutBlob(ctx, container, name, content) })
}
