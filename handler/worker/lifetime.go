package worker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

const (
	// readHeaderTimeout closes connections that send no request.
	readHeaderTimeout = 10 * time.Second
	// cancelTimeout is how long invocations may take to end after their context
	// is done.
	cancelTimeout = time.Second
)

// newServer returns a server without a timeout for answers and idle connections:
// the host uses its connections again, and closing one at that moment would fail
// an invocation.
func newServer(handler http.Handler, log zerolog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ErrorLog: serverLog(log)}
}

// lifetime serves until the process has to end. The Functions host sends its handler
// no signal: it waits for running invocations and then kills the handler. Signals
// come from a terminal or a container runtime.
type lifetime struct {
	server   *http.Server
	listener net.Listener
	// parent is the process that started the handler: the host.
	parent int
	// drain is how long running invocations may take to finish. Then their
	// contexts are done.
	drain time.Duration
	log   zerolog.Logger
}

var errOrphaned = errors.New("the host is gone")

// run serves until ctx is done, and returns nil when running invocations have
// finished or were cut off. The error is what ended it earlier.
func (l lifetime) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	calls, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	l.server.BaseContext = func(net.Listener) context.Context { return calls }
	failed := make(chan error, 1)
	go func() { failed <- l.server.Serve(l.listener) }()

	var cause error
	select {
	case err := <-failed:
		return err
	case <-orphaned(ctx, l.parent):
		cause = errOrphaned
		cancelCalls() // no answer will be read
	case <-ctx.Done():
	}
	if !l.shutdown(l.drain) {
		l.log.Warn().Dur("after", l.drain).Msg("invocations were cut off")
		cancelCalls()
		l.shutdown(cancelTimeout)
		_ = l.server.Close()
	}
	return cause
}

// shutdown accepts no more requests, and reports whether all invocations have ended
// within a time.
func (l lifetime) shutdown(within time.Duration) bool {
	ctx, stop := context.WithTimeout(context.Background(), within)
	defer stop()
	return l.server.Shutdown(ctx) == nil
}
