package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The host's rules for a handler that ends (HttpFunctionInvocationDispatcher.cs).
const (
	exitSuccess = 0   // it is never restarted
	exitRestart = 200 // it is restarted, and that is not a crash

	maxCrashes   = 3
	crashMemory  = 30 * time.Minute
	monitorPause = 10 * time.Second
)

// ErrCrashed reports that the handler crashed too often, so the instance ends.
var ErrCrashed = errors.New("the handler crashed three times: the host ends itself")

// supervise keeps the handler running until the rules end the instance, or ctx
// is done. Then it returns the cause.
func (h *Host) supervise(ctx context.Context) error {
	crashes, lastCrash := 0, time.Time{}
	for {
		process, err := startProcess(h.options.App.Host.Handler, h.options.App.Root, h.environment, h.port, func(l line) {
			l.log(h.options.Log.With().Str("component", "handler").Logger())
		})
		if err != nil {
			return err
		}
		err = h.watch(ctx, process)
		h.setProcess(nil)
		if err != nil || ctx.Err() != nil {
			process.kill()
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil: // it was never ready
		case process.timedOut.Load():
			h.log.Warn().Msg("the handler was killed because a function timed out: the host restarts it")
			continue
		case process.exitCode() == exitRestart:
			h.log.Info().Msg("the handler ended with exit code 200: the host restarts it")
			continue
		case process.exitCode() == exitSuccess:
			h.log.Error().Msg("the handler ended with exit code 0: the host never restarts it, and every later invocation fails. Exit with 200 to be restarted")
			h.setProcess(process) // nothing listens on its port
			<-ctx.Done()
			return context.Cause(ctx)
		default:
			err = fmt.Errorf("the handler ended with exit code %d", process.exitCode())
		}
		if time.Since(lastCrash) > crashMemory {
			crashes = 0
		}
		crashes, lastCrash = crashes+1, time.Now()
		if crashes == maxCrashes {
			if len(process.errors) > 0 { // those of earlier crashes are in the log only
				err = fmt.Errorf("%w; its last errors:\n%s", err, strings.Join(process.errors, "\n"))
			}
			return fmt.Errorf("%w: %w", ErrCrashed, err)
		}
		h.log.Error().Msgf("%s; the host restarts it (crash %d; at the third within 30 minutes the host ends itself)", err, crashes)
	}
}

// watch waits until the process is ready, and then until it has ended or ctx is
// done. It returns an error if the process is never ready.
func (h *Host) watch(ctx context.Context, process *process) error {
	if err := process.waitReady(ctx, h.options.App.Host.Handler.StartTimeout); err != nil {
		return err
	}
	h.setProcess(process)
	monitor := time.NewTicker(monitorPause)
	defer monitor.Stop()
	for {
		select {
		case <-process.done:
			return nil
		case <-ctx.Done():
			return nil
		case <-monitor.C:
			// The host only logs the result.
			if err := process.waitReady(ctx, time.Second); err != nil && ctx.Err() == nil {
				h.log.Warn().Msg("the host's monitor got no answer to GET /: " + err.Error())
			}
		}
	}
}
