package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"whatsapp-functions/devhost/worker"
)

// The host's rules for a handler that ends
// (HttpFunctionInvocationDispatcher.cs).
const (
	exitSuccess = 0   // it is never started again
	exitRestart = 200 // it is, and nobody minds

	maxCrashes   = 3
	monitorPause = 10 * time.Second
	crashMemory  = 30 * time.Minute
)

// ErrCrashed says that the handler crashed too often: the instance ends.
var ErrCrashed = errors.New("the handler crashed three times: the host ends itself")

// supervise keeps the handler running until the instance is stopped (nil) or
// the rules end it.
func (h *Host) supervise(ctx context.Context) error {
	var crashed crashes
	for {
		process, err := h.start()
		if err != nil {
			return err
		}
		err = h.watch(ctx, process)
		h.handler.gone()
		if ctx.Err() != nil {
			process.Kill()
			return cause(ctx)
		}
		switch {
		case err != nil: // it never got ready
			process.Kill()
		case h.handler.wasKilled(process):
			h.log.Warn().Msg("the handler was killed because a function ran out of time; the host starts it anew")
			continue
		case process.ExitCode() == exitRestart:
			h.log.Info().Msg("the handler ended with exit code 200: the host starts it anew")
			continue
		case process.ExitCode() == exitSuccess:
			h.log.Error().Msg("the handler ended with exit code 0: the host takes that for good and never starts it again; every invocation fails from now on. End with 200 to be restarted")
			h.handler.isReady(process) // calls go to a port where nobody listens
			<-ctx.Done()
			return cause(ctx)
		default:
			err = fmt.Errorf("the handler ended with exit code %d", process.ExitCode())
		}
		err = withLastErrors(err, process)
		if crashed.add(time.Now()) >= maxCrashes {
			return fmt.Errorf("%w: %w", ErrCrashed, err)
		}
		h.log.Error().Msgf("%s; the host starts it anew (crash %d; at the third within 30 minutes it ends itself)", err, crashed.count)
	}
}

// watch returns when the process has ended or ctx is done, or with an error
// when it does not get ready.
func (h *Host) watch(ctx context.Context, process *worker.Process) error {
	if err := process.Ready(ctx, h.startTimeout()); err != nil {
		return err
	}
	h.handler.isReady(process)
	monitor := time.NewTicker(monitorPause)
	defer monitor.Stop()
	for {
		select {
		case <-process.Done():
			return nil
		case <-ctx.Done():
			return nil
		case <-monitor.C:
			// The host only ever logs what comes of it.
			if err := process.Ready(ctx, time.Second); err != nil && ctx.Err() == nil {
				h.log.Warn().Msg("the host's monitor asked GET / and got no answer: " + err.Error())
			}
		}
	}
}

// cause is why the instance is to end; nil if it was stopped.
func cause(ctx context.Context) error {
	if err := context.Cause(ctx); !errors.Is(err, errStopped) {
		return err
	}
	return nil
}

// withLastErrors adds what the handler wrote last, as the host does.
func withLastErrors(err error, process *worker.Process) error {
	last := process.LastErrors()
	if len(last) == 0 {
		return err
	}
	return fmt.Errorf("%w; its last errors:\n%s", err, strings.Join(last, "\n"))
}

// crashes counts what happens in a short time.
type crashes struct {
	count int
	last  time.Time
}

// add counts one more, from one again if the last one is long ago.
func (c *crashes) add(now time.Time) int {
	if now.Sub(c.last) > crashMemory {
		c.count = 0
	}
	c.count++
	c.last = now
	return c.count
}
