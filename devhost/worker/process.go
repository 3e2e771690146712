package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
)

// Options say what to start.
type Options struct {
	Handler     app.Handler
	Root        string
	Environment Environment
	// Port is where the handler is to listen: see [Port].
	Port int
	// ID is the worker's id: a new one for every start.
	ID string
	// Line is called with every line that the process writes. Calls do not
	// overlap.
	Line func(Line)
}

// Process is a handler that runs, or did.
type Process struct {
	// Address is where it is to listen, host:port.
	Address string
	// PID is the id of the process.
	PID int

	command *exec.Cmd
	done    chan struct{}
	last    lastErrors
}

// Start starts the handler. That it has started says little: wait for
// [Process.Ready].
func Start(o Options) (*Process, error) {
	text := strconv.Itoa(o.Port)
	environment := o.Environment.Override(map[string]string{
		"FUNCTIONS_CUSTOMHANDLER_PORT":      text,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID": o.ID,
		"FUNCTIONS_HTTPWORKER_PORT":         text,
		"FUNCTIONS_HTTPWORKER_ID":           o.ID,
		"FUNCTIONS_APP_ROOT_PATH":           o.Root,
	})
	command := newCommand(o.Handler, o.Root, environment)
	p := &Process{Address: Address(o.Port), done: make(chan struct{})}
	p.command = exec.Command(command.executable, command.arguments...)
	p.command.Dir = command.directory
	p.command.Env = environment.Environ()
	var one sync.Mutex
	stdout := &lines{pass: p.passing(&one, false, o)}
	stderr := &lines{pass: p.passing(&one, true, o)}
	p.command.Stdout, p.command.Stderr = stdout, stderr
	// A child of the handler's may hold its output open; nobody waits for it.
	p.command.WaitDelay = time.Second
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("host.json: customHandler.description.defaultExecutablePath %s: %w", o.Handler.Executable, reason(err))
	}
	p.PID = p.command.Process.Pid
	go func() {
		_ = p.command.Wait()
		stdout.flush()
		stderr.flush()
		close(p.done)
	}()
	return p, nil
}

// reason is the error without the program's path, which the caller names.
func reason(err error) error {
	if lookError, ok := errors.AsType[*exec.Error](err); ok {
		err = lookError.Err
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		err = fmt.Errorf("%w: has the handler been built?", err)
	}
	return err
}

// passing is what becomes of a line.
func (p *Process) passing(one *sync.Mutex, isStderr bool, o Options) func(text string) {
	return func(text string) {
		line := newLine(text, isStderr, o.Handler.StderrIsError)
		one.Lock()
		defer one.Unlock()
		if isStderr && line.Level == zerolog.ErrorLevel {
			p.last.add(line.Text)
		}
		o.Line(line)
	}
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode is the code the process ended with or, if a signal ended it, 128
// plus the signal's number, as .NET has it. Call it after Done.
func (p *Process) ExitCode() int {
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.command.ProcessState.ExitCode()
}

// LastErrors are the last lines, three at most, that it wrote as errors.
func (p *Process) LastErrors() []string { return p.last.get() }

// Kill ends the process at once, as the host does: without a word.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// readyPoll is how long the host waits between two probes.
const readyPoll = 25 * time.Millisecond

// Ready waits until the handler answers GET /, whatever its answer is
// (DefaultHttpWorkerService.cs). It gives up when the process ends, ctx is
// done, or the pauses between the probes add up to limit: the probes
// themselves are not counted, so a handler that takes the connection and never
// answers holds everything up.
func (p *Process) Ready(ctx context.Context, limit time.Duration) error {
	url := "http://" + p.Address + "/"
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for waited := time.Duration(0); waited < limit; waited += readyPoll {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		if _, ok := errors.AsType[*net.OpError](err); !ok && ctx.Err() == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			return fmt.Errorf("the handler ended with exit code %d before it was ready", p.ExitCode())
		case <-time.After(readyPoll):
		}
	}
	return fmt.Errorf("the handler did not listen on %s within %s", p.Address, limit)
}

// Port is a port for the handler: the one that host.json fixes, else one that
// is free. A host picks it once and keeps it when it starts the handler anew.
func Port(handler app.Handler) (int, error) {
	listener, err := net.Listen("tcp4", Address(handler.Port))
	if err != nil {
		return 0, fmt.Errorf("a port for the handler: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Address is where a handler listens, host:port.
func Address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// lastErrors keeps the last three lines.
type lastErrors struct {
	mu    sync.Mutex
	lines []string
}

func (l *lastErrors) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > 3 {
		l.lines = l.lines[1:]
	}
}

func (l *lastErrors) get() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.lines...)
}
