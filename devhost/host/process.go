package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
)

// process is a handler that was started.
type process struct {
	address string
	command *exec.Cmd
	done    chan struct{}
	// errors are the last three lines that it wrote as errors. They can be
	// read when done is closed.
	errors []string
	// timedOut reports that the host killed it because a function timed out.
	timedOut atomic.Bool
	// crashed reports that the fault Crash killed it.
	crashed atomic.Bool
}

// startProcess starts the handler on a port, and passes every line that it writes
// to write. The process may not listen yet: see [process.waitReady].
func startProcess(handler app.Handler, root string, environment map[string]string, port int, write func(line)) (*process, error) {
	id, portText := uuid.NewString(), strconv.Itoa(port)
	environment = maps.Clone(environment)
	maps.Copy(environment, map[string]string{
		"FUNCTIONS_CUSTOMHANDLER_PORT":      portText,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID": id,
		"FUNCTIONS_HTTPWORKER_PORT":         portText,
		"FUNCTIONS_HTTPWORKER_ID":           id,
		"FUNCTIONS_APP_ROOT_PATH":           root,
	})
	program, arguments, directory := newCommand(handler, root, environment)
	p := &process{address: loopback(port), command: exec.Command(program, arguments...), done: make(chan struct{})}
	p.command.Dir = directory
	for name, value := range environment {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	// A child of the handler may keep its output open; Wait must not wait for it.
	p.command.WaitDelay = time.Second
	var reading sync.WaitGroup
	stdout := readLines(&reading, func(text string) { write(newLine(text, false, handler.StderrIsError)) })
	stderr := readLines(&reading, func(text string) {
		l := newLine(text, true, handler.StderrIsError)
		if l.level == zerolog.ErrorLevel {
			p.errors = append(p.errors[max(0, len(p.errors)-2):], l.text)
		}
		write(l)
	})
	p.command.Stdout, p.command.Stderr = stdout, stderr
	err := p.command.Start()
	go func() {
		if err == nil {
			_ = p.command.Wait()
		}
		_, _ = stdout.Close(), stderr.Close()
		reading.Wait()
		close(p.done)
	}()
	if err != nil {
		return nil, fmt.Errorf("host.json: customHandler.description.defaultExecutablePath %s: %w", handler.Executable, startError(err))
	}
	return p, nil
}

// readLines returns a writer, and calls line with every line that is written to
// it and not empty.
func readLines(reading *sync.WaitGroup, line func(text string)) io.WriteCloser {
	reader, writer := io.Pipe()
	reading.Go(func() {
		lines := bufio.NewReader(reader)
		for {
			text, err := lines.ReadString('\n')
			if text = strings.TrimRight(text, "\r\n"); text != "" {
				line(text)
			}
			if err != nil {
				return
			}
		}
	})
	return writer
}

// startError returns the error without the path of the program.
func startError(err error) error {
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

// exitCode returns the exit code, or 128 plus the number of the signal that ended
// the process, as .NET does. Call it after done is closed.
func (p *process) exitCode() int {
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.command.ProcessState.ExitCode()
}

// kill ends the process with SIGKILL, as the host does.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// readyPoll is the pause between two probes.
const readyPoll = 25 * time.Millisecond

// waitReady waits until the handler answers GET / with any status
// (DefaultHttpWorkerService.cs). It returns an error when the process ends, ctx
// is done, or the pauses between the probes add up to limit. The time of the
// probes does not count: a handler that accepts a connection and never answers
// blocks it.
func (p *process) waitReady(ctx context.Context, limit time.Duration) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for waited := time.Duration(0); waited < limit; waited += readyPoll {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/", nil)
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
			return fmt.Errorf("the handler ended with exit code %d before it was ready", p.exitCode())
		case <-time.After(readyPoll):
		}
	}
	return fmt.Errorf("the handler did not listen on %s within %s", p.address, limit)
}

// freePort returns the port that host.json fixes, or a free one. A host keeps it
// when it restarts the handler.
func freePort(handler app.Handler) (int, error) {
	listener, err := net.Listen("tcp4", loopback(handler.Port))
	if err != nil {
		return 0, fmt.Errorf("a port for the handler: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
