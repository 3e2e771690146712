package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/functions"
)

const (
	// readHeaderTimeout closes connections that send no request.
	readHeaderTimeout = 10 * time.Second
	// drainTimeout is how long running invocations may take to finish.
	drainTimeout = 10 * time.Second
)

// run is the program: it serves until ctx is done, then finishes running
// invocations. It returns the exit code.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdout, stderr io.Writer) int {
	parent := os.Getppid()
	build := thisVersion()
	if len(args) == 2 && args[1] == argVersion {
		fmt.Fprintln(stdout, build)
		return 0
	}
	if len(args) > 1 {
		fmt.Fprintf(stderr, "%s takes no argument but %s: environment variables configure it, see README.md\n", args[0], argVersion)
		return bridge.ExitFailure
	}
	lines, warnings := newLogPipe(stdout), newLogPipe(stderr)
	defer lines.Close()
	defer warnings.Close()
	config, err := readConfig(lookupEnv)
	log := newLogger(lines, warnings, config.logLevel)
	app, appErr := bridge.Open(config.root, functions.All(config.functions))
	if err := errors.Join(err, appErr); err != nil {
		return giveUp(log, err)
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(config.port)))
	if err != nil {
		return giveUp(log, fmt.Errorf("%w: set %s to a free port", err, bridge.EnvPort))
	}
	for _, warning := range config.warnings {
		log.Warn().Msg(warning)
	}
	for _, name := range app.Missing {
		log.Warn().Str("function", name).Msg("no folder for this function: its events must go to another app")
	}
	log.Info().Stringer("address", listener.Addr()).Strs("functions", app.Functions()).
		Str("version", build.number).Str("commit", build.commit).Msg("listening")

	life := lifetime{
		server:   newServer(&bridge.Server{App: app, MaxBody: config.maxBody, Log: log}, log),
		listener: listener,
		parent:   parent,
		drain:    drainTimeout,
		log:      log,
	}
	if err := life.run(ctx); err != nil {
		return giveUp(log, err)
	}
	log.Info().Msg("stopped")
	if config.underHost {
		return bridge.ExitRestart
	}
	return 0
}

// newServer returns a server without a timeout for answers and idle connections:
// the host uses its connections again, and closing one at that moment would fail
// an invocation.
func newServer(handler http.Handler, log zerolog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ErrorLog: serverLog(log)}
}

// giveUp logs an error, each of its lines on its own, and returns the exit code.
func giveUp(log zerolog.Logger, err error) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		log.Error().Msg(line)
	}
	return bridge.ExitFailure
}
