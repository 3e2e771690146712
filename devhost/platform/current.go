package platform

import (
	"context"
	"sync"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/host"
)

// current is the app and the host that gets deliveries; nil while none is ready.
type current struct {
	mu   sync.Mutex
	app  *app.App
	host *host.Host
	// changed is closed and replaced when there is a new host.
	changed chan struct{}
}

func (c *current) set(a *app.App, h *host.Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.app, c.host = a, h
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *current) removeHost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.host = nil
}

func (c *current) get() (a *app.App, h *host.Host, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.app, c.host, c.changed
}

// hostTimeout is how long a request waits for a host that is starting.
const hostTimeout = 10 * time.Second

// wait returns the host, or [host.ErrUnavailable] after hostTimeout.
func (c *current) wait(ctx context.Context) (*host.Host, error) {
	timer := time.NewTimer(hostTimeout)
	defer timer.Stop()
	for {
		_, h, changed := c.get()
		if h != nil {
			return h, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, host.ErrUnavailable
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
