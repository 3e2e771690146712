// Package host is one instance of the Functions host. It keeps the handler of an
// app running, takes deliveries of Event Grid at its webhook and messages from
// queues, calls the handler with them, and writes the outputs of its answers.
//
// One delivery goes through webhook.go and invoke.go, then through package bridge;
// one queue message goes through listener.go, queue.go and invoke.go.
package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/storage"
)

// Options configure a host.
type Options struct {
	App *app.App
	// Environ is the environment of devhost, in the form of [os.Environ].
	Environ []string
	// Hostname is where devhost listens, host:port.
	Hostname string
	// Storage takes the outputs.
	Storage storage.Writer
	// Queues has the queues of queue triggers. It may be nil if no function has
	// such a trigger.
	Queues storage.Storage
	// ContentLength sends requests with a Content-Length, as func start does;
	// otherwise they are sent in chunks.
	ContentLength bool
	// Faults are the faults to inject; they may be nil.
	Faults *faults.Faults
	// Invoked, if it is set, is called with every finished invocation, by many
	// goroutines.
	Invoked func(Result)
	// Log takes the host's messages and the lines that the handler writes.
	Log zerolog.Logger
}

// Host is an instance. A new instance has a new port and no memory of crashes.
type Host struct {
	options     Options
	log         zerolog.Logger
	environment map[string]string
	port        int
	client      *bridge.Client
	stop        context.CancelCauseFunc
	// over is closed when there will be no handler any more, so that calls that
	// wait for one fail. ended is closed later, when all calls have ended.
	over, ended chan struct{}
	err         error

	// listeners are those of queue triggers. They poll until stopListening is
	// called. drained is closed when all their calls have ended.
	listeners     []*listener
	listening     sync.WaitGroup
	stopListening context.CancelFunc
	drained       chan struct{}

	mu sync.Mutex
	// process is the process that invocations go to, or nil while they wait.
	process *process
	// changed is closed and replaced when process changes.
	changed chan struct{}
}

// Start starts an instance and returns when its handler is ready.
func Start(ctx context.Context, o Options) (*Host, error) {
	port, err := freePort(o.App.Host.Handler)
	if err != nil {
		return nil, err
	}
	h := &Host{
		options: o,
		log:     o.Log.With().Str("component", "host").Logger(),
		environment: NewEnvironment(o.Environ, o.App.Settings, map[string]string{
			"AZURE_FUNCTIONS_ENVIRONMENT": "Development",
			"AzureWebJobsScriptRoot":      o.App.Root,
			"WEBSITE_HOSTNAME":            o.Hostname,
		}),
		port:    port,
		client:  bridge.NewClient(loopback(port)),
		over:    make(chan struct{}),
		ended:   make(chan struct{}),
		drained: make(chan struct{}),
		changed: make(chan struct{}),
	}
	h.client.Length = o.ContentLength
	h.client.Forwarding = o.App.Host.Handler.Forwarding
	supervised, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	h.stop = stop
	polling, stopListening := context.WithCancel(supervised)
	h.stopListening = stopListening
	h.listen(polling)
	go func() {
		defer close(h.ended)
		if err := h.supervise(supervised); !errors.Is(err, context.Canceled) {
			h.err = err
		}
		close(h.over)
		stopListening()
		<-h.drained
		h.client.Close()
	}()
	if _, err := h.ready(ctx); err != nil {
		h.Stop()
		return nil, err
	}
	return h, nil
}

// Stop ends the instance. It waits up to 5 seconds for calls with queue messages.
// Then it kills the handler, as the host does, and a message whose call has not
// ended becomes visible again.
func (h *Host) Stop() {
	h.stopListening()
	select {
	case <-h.drained:
	case <-h.over:
	case <-time.After(stopTimeout):
		h.log.Warn().Msgf("calls with queue messages have not ended within %s: the handler is killed, and the messages become visible again", stopTimeout)
	}
	h.stop(nil)
	<-h.ended
}

// Ended is closed when the instance has ended, by itself or stopped.
func (h *Host) Ended() <-chan struct{} { return h.ended }

// Err returns the reason why the instance ended, or nil if it was stopped. Call
// it after Ended.
func (h *Host) Err() error { return h.err }

// ErrEnded reports a call of an instance that has been stopped.
var ErrEnded = errors.New("the host has ended")

// setProcess sets the process that invocations go to; nil makes them wait.
func (h *Host) setProcess(p *process) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.process = p
	close(h.changed)
	h.changed = make(chan struct{})
}

// patience is the factor between the handler's start timeout and the time that
// an invocation waits for it (WorkerFunctionInvoker.cs).
const patience = 4

// ready waits for the handler. If it takes too long, the instance ends.
func (h *Host) ready(ctx context.Context) (*process, error) {
	limit := patience * h.options.App.Host.Handler.StartTimeout
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		h.mu.Lock()
		process, changed := h.process, h.changed
		h.mu.Unlock()
		if process != nil {
			return process, nil
		}
		select {
		case <-changed:
		case <-h.over:
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
