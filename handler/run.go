package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
)

const (
	// readHeaderTimeout ends connections that never say anything. There is no
	// limit to writing an answer, nor to keeping a connection idle: the host
	// reuses its own, and one closed in that moment would fail an invocation.
	readHeaderTimeout = 10 * time.Second
	// drainTimeout is how long the handler waits for what is in flight.
	drainTimeout = 10 * time.Second
)

// run is the program: it serves until ctx is done, then finishes what is in
// flight. It returns the exit code.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdout, stderr io.Writer) int {
	if len(args) > 1 {
		fmt.Fprintf(stderr, "%s takes no arguments: the environment configures it, see README.md\n", args[0])
		return bridge.ExitFailure
	}
	config, err := readConfig(lookupEnv)
	log := newLogger(stdout, stderr, config.logLevel)
	if err != nil {
		return giveUp(log, err)
	}
	app, err := bridge.Open(config.root, functions(config.optOut))
	if err != nil {
		return giveUp(log, err)
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(config.port)))
	if err != nil {
		return giveUp(log, fmt.Errorf("%w: set %s to a free port", err, bridge.EnvPort))
	}
	for _, name := range app.Missing {
		log.Warn().Str("function", name).Msg("no folder for this function: its events must go to another app")
	}
	log.Info().Stringer("address", listener.Addr()).Strs("functions", app.Functions()).Msg("listening")

	server := &http.Server{
		Handler:           &bridge.Server{App: app, MaxBody: config.maxBody, Log: log},
		ReadHeaderTimeout: readHeaderTimeout,
		ErrorLog:          serverLog(log),
	}
	if err := serve(ctx, server, listener); err != nil {
		return giveUp(log, err)
	}
	log.Info().Msg("stopped")
	if config.underHost {
		return bridge.ExitRestart
	}
	return 0
}

// giveUp logs what is wrong, a line for each thing, and returns the exit code.
func giveUp(log zerolog.Logger, err error) int {
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		log.Error().Msg(err.Error())
	}
	return bridge.ExitFailure
}

var errOrphaned = errors.New("the host is gone")

// serve returns nil once ctx is done and what was in flight is finished, or
// what ended it before.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	var cause error
	select {
	case err := <-failed:
		return err
	case <-orphaned(ctx):
		cause = errOrphaned
	case <-ctx.Done():
	}
	drained, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer stop()
	if err := server.Shutdown(drained); err != nil {
		return errors.Join(cause, fmt.Errorf("invocations were cut off: %w", err), server.Close())
	}
	return cause
}
