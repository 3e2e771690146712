package platform

import (
	"context"
	"sync"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
)

// current is the host that deliveries go to, if there is one, and the app.
type current struct {
	mu   sync.Mutex
	app  *app.App
	host *host.Host
	// changed is closed, and replaced, when there is a new host.
	changed chan struct{}
}

func (c *current) set(a *app.App, h *host.Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.app, c.host = a, h
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *current) gone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.host = nil
}

func (c *current) get() (a *app.App, h *host.Host, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.app, c.host, c.changed
}

// hostPatience is how long a request waits for a host that is starting.
const hostPatience = 10 * time.Second

// wait returns the host, or [host.ErrUnavailable] if none comes.
func (c *current) wait(ctx context.Context) (*host.Host, error) {
	timer := time.NewTimer(hostPatience)
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

// Has implements [host.Functions].
func (p *Platform) Has(function string) bool {
	f, ok := p.App().Function(function)
	return ok && f.Trigger.Is(app.EventGridTrigger)
}

// Deliver implements [host.Functions].
func (p *Platform) Deliver(ctx context.Context, function string, events []dotnet.Value) error {
	h, err := p.current.wait(ctx)
	if err != nil {
		return err
	}
	return h.Deliver(ctx, function, events)
}
