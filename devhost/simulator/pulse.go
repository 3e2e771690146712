package simulator

import (
	"sync"
	"sync/atomic"
)

// pulse wakes everybody who waits for something to change.
type pulse struct {
	mu   sync.Mutex
	next chan struct{}
}

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		close(p.next)
		p.next = nil
	}
}

// wait returns what is closed at the next beat.
func (p *pulse) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == nil {
		p.next = make(chan struct{})
	}
	return p.next
}

type counter struct{ n atomic.Uint64 }

func (c *counter) add()        { c.n.Add(1) }
func (c *counter) get() uint64 { return c.n.Load() }
