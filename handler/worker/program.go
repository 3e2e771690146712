// Package worker is the process of a custom handler: its settings, its log, its
// server and its exit code. The Functions host starts the process and calls its
// functions through package bridge.
package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
)

// drainTimeout is how long running invocations may take to finish.
const drainTimeout = 10 * time.Second

// Main ends the process with the exit code of run. The context of run is done when
// the process gets SIGINT or SIGTERM.
func Main(run func(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdout, stderr io.Writer) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args, os.LookupEnv, os.Stdout, os.Stderr))
}

// Program is a custom handler and what it gets from the operating system.
type Program struct {
	// Name is the name of the program in the output of --version.
	Name           string
	Args           []string
	LookupEnv      func(string) (string, bool)
	Stdout, Stderr io.Writer
}

// Service is what a program offers to the host.
type Service struct {
	Functions []bridge.Function
	// MaxBody is the maximum size of a request's body in bytes.
	MaxBody int64
}

// Run serves what configure returns until ctx is done, then finishes running
// invocations. It returns the exit code. All mistakes in the environment and in the
// function.json files are logged together, and end the start.
func (p Program) Run(ctx context.Context, configure func(env *Environment) Service) int {
	parent := os.Getppid()
	build := thisVersion()
	if len(p.Args) == 2 && p.Args[1] == argVersion {
		fmt.Fprintln(p.Stdout, p.Name, build)
		return 0
	}
	if len(p.Args) > 1 {
		fmt.Fprintf(p.Stderr, "%s takes no argument but %s: environment variables configure it, see README.md\n", p.Args[0], argVersion)
		return bridge.ExitFailure
	}
	lines, warnings := newLogPipe(p.Stdout), newLogPipe(p.Stderr)
	defer lines.Close()
	defer warnings.Close()
	env := NewEnvironment(p.LookupEnv)
	port, root, workerID := env.port(bridge.EnvPort), env.Text(bridge.EnvAppRoot, "."), env.Text(bridge.EnvWorkerID, "")
	log := newLogger(lines, warnings, env.level(EnvLogLevel, zerolog.InfoLevel))
	service := configure(env)
	app, err := bridge.Open(root, service.Functions)
	if err := errors.Join(env.Err(), err); err != nil {
		return giveUp(log, err)
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return giveUp(log, fmt.Errorf("%w: set %s to a free port", err, bridge.EnvPort))
	}
	for _, warning := range env.warnings {
		log.Warn().Msg(warning)
	}
	for _, name := range app.Missing {
		log.Warn().Str("function", name).Msg("no folder for this function: its events must go to another app")
	}
	log.Info().Stringer("address", listener.Addr()).Strs("functions", app.Functions()).
		Str("version", build.number).Str("commit", build.commit).Msg("listening")

	life := lifetime{
		server:   newServer(&bridge.Server{App: app, MaxBody: service.MaxBody, Log: log}, log),
		listener: listener,
		parent:   parent,
		drain:    drainTimeout,
		log:      log,
	}
	if err := life.run(ctx); err != nil {
		return giveUp(log, err)
	}
	log.Info().Msg("stopped")
	if workerID != "" {
		return bridge.ExitRestart
	}
	return 0
}

// giveUp logs an error, each of its lines on its own, and returns the exit code.
func giveUp(log zerolog.Logger, err error) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		log.Error().Msg(line)
	}
	return bridge.ExitFailure
}
