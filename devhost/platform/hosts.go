package platform

import (
	"context"
	"sync"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
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

// Request implements [host.Requests].
func (p *Platform) Request(ctx context.Context, function, key string, request *bridge.HTTPRequest) (*bridge.HTTPResponse, error) {
	h, err := p.current.wait(ctx)
	if err != nil {
		return nil, err
	}
	return h.Request(ctx, function, key, request)
}

// startHost starts a host for an app. It fails if the configuration is wrong or
// the handler does not start.
func (p *Platform) startHost(ctx context.Context, a *app.App) (*host.Host, error) {
	if err := p.checkConnections(a); err != nil {
		return nil, err
	}
	unknown, err := checkSettings(a, p.options.Environ)
	if err != nil {
		return nil, err
	}
	h, err := host.Start(ctx, host.Options{
		App:           a,
		Environ:       p.options.Environ,
		Hostname:      p.listener.Addr().String(),
		Storage:       faults.Storage{Writer: p.storage, Faults: p.faults},
		Faults:        p.faults,
		ContentLength: p.options.ContentLength,
		Invoked:       p.invoked,
		Log:           p.options.Log,
	})
	if err != nil {
		return nil, err
	}
	for _, warning := range append(a.Warnings, unknown...) {
		p.log.Warn().Msg(warning)
	}
	for _, f := range a.Inactive {
		if f.InError {
			p.log.Error().Msg("the function " + f.Name + " is in error: " + f.Reason)
		} else {
			p.log.Warn().Msg("the function " + f.Name + " is not run: " + f.Reason)
		}
	}
	p.current.set(a, h)
	return h, nil
}

// invoked records an invocation. Transcripts of data in Azure are not saved:
// they are those of real people.
func (p *Platform) invoked(result host.Result) {
	if p.storage.Local() {
		if err := p.transcripts.Save(history.NewTranscript(result)); err != nil {
			p.log.Error().Err(err).Msg("the transcript is not saved")
		}
	}
	p.history.Invoked(result)
	if p.options.Invoked != nil {
		p.options.Invoked(result)
	}
}

const (
	// restartPause is how long Azure takes to start a new host.
	restartPause = 2 * time.Second
	// retryPause follows a start that failed. A change ends it.
	retryPause = time.Minute
)

// keepRunning restarts the host when it ends or a file of the app changes, until
// ctx is done. With Options.Once it returns when the first host ends.
func (p *Platform) keepRunning(ctx context.Context, h *host.Host) error {
	poll := time.NewTicker(watchPause)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			p.current.removeHost()
			h.Stop()
			return nil
		case <-h.Ended():
			p.current.removeHost()
			if p.options.Once {
				return h.Err()
			}
			p.log.Error().Err(h.Err()).Msgf("the host ended: a new one starts in %s", restartPause)
			if !sleep(ctx, restartPause) {
				return nil
			}
		case <-poll.C:
			file := p.files.changed()
			if file == "" {
				continue
			}
			p.log.Info().Msgf("%s has changed: restarting the host", file)
			p.current.removeHost()
			h.Stop()
		}
		if h = p.restart(ctx); h == nil {
			return nil
		}
	}
}

// restart reads the app and starts a host. After a failure it waits for a change
// of the files. It returns nil when ctx is done.
func (p *Platform) restart(ctx context.Context) *host.Host {
	last := ""
	for ctx.Err() == nil {
		retry := time.Duration(0)
		p.files.look()
		a, err := app.Open(p.options.Folder, p.options.Environ...)
		if err == nil {
			p.files.follow(a)
			retry = retryPause
			var h *host.Host
			if h, err = p.startHost(ctx, a); err == nil {
				return h
			}
		}
		if text := err.Error(); ctx.Err() == nil && text != last {
			p.log.Error().Err(err).Msg("the host does not start: waiting for a change of the app's files")
			last = text
		}
		for end := time.Now().Add(retry); p.files.changed() == "" && (retry == 0 || time.Now().Before(end)); {
			if !sleep(ctx, watchPause) {
				return nil
			}
		}
	}
	return nil
}

// sleep reports whether the pause ended before ctx.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
