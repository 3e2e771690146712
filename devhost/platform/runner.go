package platform

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
)

// runner keeps a host of one app running: it starts another one when the host ends
// or a file of the app changes.
type runner struct {
	folder string
	// environ replaces app settings, in the form of [os.Environ].
	environ []string
	// once ends the runner with its first host.
	once bool
	log  zerolog.Logger
	// start starts a host for the app as it was read.
	start   func(ctx context.Context, r *runner, a *app.App) (*host.Host, error)
	files   *watch
	current current
}

// open reads the app and the state of its files.
func (r *runner) open() (*app.App, error) {
	a, err := app.Open(r.folder, r.environ...)
	if err != nil {
		return nil, err
	}
	r.files = newWatch(a.Root)
	r.files.follow(a)
	r.current.changed = make(chan struct{})
	return a, nil
}

// startHost starts a host, which then gets the deliveries.
func (r *runner) startHost(ctx context.Context, a *app.App) (*host.Host, error) {
	h, err := r.start(ctx, r, a)
	if err == nil {
		r.current.set(a, h)
	}
	return h, err
}

// App implements [host.Requests]. It returns the app as the current host has read
// it.
func (r *runner) App() *app.App {
	a, _, _ := r.current.get()
	return a
}

// isReady reports whether the host is running.
func (r *runner) isReady() bool {
	_, h, _ := r.current.get()
	return h != nil
}

// Has implements [host.Functions].
func (r *runner) Has(function string) bool {
	f, ok := r.App().Function(function)
	return ok && f.Trigger.Is(app.EventGridTrigger)
}

// Deliver implements [host.Functions].
func (r *runner) Deliver(ctx context.Context, function string, events []dotnet.Value) error {
	h, err := r.current.wait(ctx)
	if err != nil {
		return err
	}
	return h.Deliver(ctx, function, events)
}

// Request implements [host.Requests].
func (r *runner) Request(ctx context.Context, function, key string, request *bridge.HTTPRequest) (*bridge.HTTPResponse, error) {
	h, err := r.current.wait(ctx)
	if err != nil {
		return nil, err
	}
	return h.Request(ctx, function, key, request)
}

const (
	// restartPause is how long Azure takes to start a new host.
	restartPause = 2 * time.Second
	// retryPause follows a start that failed. A change ends it.
	retryPause = time.Minute
)

// keepRunning restarts the host until ctx is done. With once it returns when the
// first host ends, with the reason.
func (r *runner) keepRunning(ctx context.Context, h *host.Host) error {
	poll := time.NewTicker(watchPause)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			r.current.removeHost()
			h.Stop()
			return nil
		case <-h.Ended():
			r.current.removeHost()
			if r.once {
				return h.Err()
			}
			r.log.Error().Err(h.Err()).Msgf("the host ended: a new one starts in %s", restartPause)
			if !sleep(ctx, restartPause) {
				return nil
			}
		case <-poll.C:
			file := r.files.changed()
			if file == "" {
				continue
			}
			r.log.Info().Msgf("%s has changed: restarting the host", file)
			r.current.removeHost()
			h.Stop()
		}
		if h = r.restart(ctx); h == nil {
			return nil
		}
	}
}

// restart reads the app and starts a host. After a failure it waits for a change
// of the files. It returns nil when ctx is done.
func (r *runner) restart(ctx context.Context) *host.Host {
	last := ""
	for ctx.Err() == nil {
		// An app that can't be read stays so until a file changes. A handler that
		// does not start may do so later.
		var retry <-chan time.Time
		r.files.look()
		a, err := app.Open(r.folder, r.environ...)
		if err == nil {
			r.files.follow(a)
			retry = time.After(retryPause)
			var h *host.Host
			if h, err = r.startHost(ctx, a); err == nil {
				return h
			}
		}
		if text := err.Error(); ctx.Err() == nil && text != last {
			r.log.Error().Err(err).Msg("the host does not start: waiting for a change of the app's files")
			last = text
		}
		r.waitForChange(ctx, retry)
	}
	return nil
}

// waitForChange waits for a change of the app's files, until retry or ctx is done.
func (r *runner) waitForChange(ctx context.Context, retry <-chan time.Time) {
	for r.files.changed() == "" {
		select {
		case <-ctx.Done():
			return
		case <-retry:
			return
		case <-time.After(watchPause):
		}
	}
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
