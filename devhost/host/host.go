// Package host is an instance of the Functions host: it keeps one app's handler
// running, by the host's rules, and calls it with what is delivered to the
// app's functions.
package host

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/worker"
)

// Options say what to run.
type Options struct {
	App *app.App
	// Environ is the environment that devhost itself has.
	Environ []string
	// Hostname is where devhost listens, host:port.
	Hostname string
	// Storage is where outputs go.
	Storage storage.Writer
	// ContentLength tells the handler how long a request is, as under func
	// start; otherwise it comes in chunks.
	ContentLength bool
	// Faults are what goes wrong on request. They may be nil.
	Faults *faults.Faults
	// Invoked, if it is set, is called with every invocation that has ended, by
	// many goroutines.
	Invoked func(Result)
	// Log takes what happens, and the lines that the handler writes.
	Log zerolog.Logger
}

// Host is an instance that runs, or did. Nothing of it outlives it: a new
// instance has a new port, and has forgotten the handler's crashes.
type Host struct {
	options     Options
	log         zerolog.Logger
	environment worker.Environment
	port        int
	client      *bridge.Client
	handler     handler
	stop        context.CancelCauseFunc
	ended       chan struct{}
	err         error
}

// Start starts an instance and returns when its handler is ready. The error is
// why it never was.
func Start(ctx context.Context, o Options) (*Host, error) {
	port, err := worker.Port(o.App.Host.Handler)
	if err != nil {
		return nil, err
	}
	h := &Host{
		options: o,
		port:    port,
		client:  bridge.NewClient(worker.Address(port)),
		handler: handler{changed: make(chan struct{})},
		ended:   make(chan struct{}),
	}
	h.log = o.Log.With().Str("component", "host").Logger()
	h.client.Length = o.ContentLength
	h.client.Forwarding = o.App.Host.Handler.Forwarding
	h.environment = worker.NewEnvironment(o.Environ).With(o.App.Settings).Override(map[string]string{
		"AZURE_FUNCTIONS_ENVIRONMENT": "Development",
		"AzureWebJobsScriptRoot":      o.App.Root,
		"WEBSITE_HOSTNAME":            o.Hostname,
	})
	supervised, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	h.stop = stop
	go func() {
		defer close(h.ended)
		h.err = h.supervise(supervised)
		h.client.Close()
	}()
	if _, err := h.ready(ctx); err != nil {
		h.Stop()
		return nil, err
	}
	return h, nil
}

// errStopped is what Stop ends an instance with.
var errStopped = errors.New("stopped")

// Stop kills the handler, as the host does, and ends the instance.
func (h *Host) Stop() {
	h.stop(errStopped)
	<-h.ended
}

// Ended is closed when the instance has ended, by itself or stopped.
func (h *Host) Ended() <-chan struct{} { return h.ended }

// Err is why the instance ended; nil if it was stopped. Call it after Ended.
func (h *Host) Err() error { return h.err }

// start starts the handler once.
func (h *Host) start() (*worker.Process, error) {
	return worker.Start(worker.Options{
		Handler:     h.options.App.Host.Handler,
		Root:        h.options.App.Root,
		Environment: h.environment,
		Port:        h.port,
		ID:          uuid.NewString(),
		Line:        h.line,
	})
}

// startTimeout is how long the handler may take until it listens.
func (h *Host) startTimeout() time.Duration {
	return h.options.App.Host.Handler.StartTimeout
}
