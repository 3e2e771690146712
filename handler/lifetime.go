package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
)

// lifetime serves until the process has to end. The Functions host sends its handler
// no signal: it waits for running invocations and then kills the handler. Signals
// come from a terminal or a container runtime.
type lifetime struct {
	server   *http.Server
	listener net.Listener
	// parent is the process that started the handler: the host.
	parent int
	// drain is how long running invocations may take to finish.
	drain time.Duration
	log   zerolog.Logger
}

var errOrphaned = errors.New("the host is gone")

// run serves until ctx is done, and returns nil when running invocations have
// finished or were cut off. The error is what ended it earlier.
func (l lifetime) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- l.server.Serve(l.listener) }()

	var cause error
	select {
	case err := <-failed:
		return err
	case <-orphaned(ctx, l.parent):
		cause = errOrphaned
	case <-ctx.Done():
	}
	drained, stop := context.WithTimeout(context.WithoutCancel(ctx), l.drain)
	defer stop()
	if l.server.Shutdown(drained) != nil {
		l.log.Warn().Dur("after", l.drain).Msg("invocations were cut off")
		_ = l.server.Close()
	}
	return cause
}
