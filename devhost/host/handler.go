package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"whatsapp-functions/devhost/worker"
)

// handler is the process that invocations go to, if one is ready.
type handler struct {
	mu      sync.Mutex
	process *worker.Process
	killed  *worker.Process
	// changed is closed, and replaced, whenever a process gets ready.
	changed chan struct{}
}

func (h *handler) isReady(process *worker.Process) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.process = process
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *handler) gone() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.process = nil
}

func (h *handler) now() (process *worker.Process, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.process, h.changed
}

// kill ends a process whose function ran out of time; that is no crash.
func (h *handler) kill(process *worker.Process) {
	h.mu.Lock()
	h.killed = process
	h.mu.Unlock()
	process.Kill()
}

func (h *handler) wasKilled(process *worker.Process) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.killed == process
}

// patience is how often an invocation waits for the time that a handler may
// take to start (WorkerFunctionInvoker.cs).
const patience = 4

// ErrEnded says that the instance is gone.
var ErrEnded = errors.New("the host has ended")

// ready waits for the handler. An invocation that waited in vain ends the
// instance.
func (h *Host) ready(ctx context.Context) (*worker.Process, error) {
	limit := patience * h.startTimeout()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		process, changed := h.handler.now()
		if process != nil {
			return process, nil
		}
		select {
		case <-changed:
		case <-h.ended:
			if h.err != nil {
				return nil, h.err
			}
			return nil, ErrEnded
		case <-timer.C:
			err := fmt.Errorf("the handler was not ready within %s: the host ends itself", limit)
			h.stop(err)
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
