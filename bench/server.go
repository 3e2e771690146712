package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// programs is the folder of the programs, built as they ship.
type programs struct {
	folder string
}

func (p programs) handler() string { return filepath.Join(p.folder, "handler") }
func (p programs) media() string   { return filepath.Join(p.folder, "media") }
func (p programs) floor() string   { return filepath.Join(p.folder, "floor") }

// build builds the programs with the flags that release uses.
func build(ctx context.Context, folder string) (programs, error) {
	p := programs{folder}
	for _, name := range []string{"./handler", "./media", "./bench/floor"} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(folder, filepath.Base(name)), name)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := command.CombinedOutput(); err != nil {
			return p, fmt.Errorf("go build %s: %w: %s", name, err, text)
		}
	}
	return p, nil
}

// server is a running program.
type server struct {
	process *exec.Cmd
	address string
	// started is the time from exec to the first answer.
	started time.Duration
}

// start starts the handler or the floor server as the host does.
func start(ctx context.Context, program string, args ...string) (*server, error) {
	return startWith(ctx, []string{"FUNCTIONS_APP_ROOT_PATH=internal/testkit/app", "META_APP_SECRETS=" + appSecret}, program, args...)
}

// startWith starts a program with more environment variables, and waits until it
// answers. Its log is read and discarded.
func startWith(ctx context.Context, environ []string, program string, args ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{address: "127.0.0.1:" + port}
	s.process = exec.CommandContext(ctx, program, args...)
	s.process.Env = append(append(os.Environ(), environ...), "FUNCTIONS_CUSTOMHANDLER_PORT="+port)
	s.process.Stdout, s.process.Stderr = drain{}, drain{}
	begin := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	for !s.answers() {
		if time.Since(begin) > 10*time.Second {
			s.stop()
			return nil, fmt.Errorf("%s does not answer", program)
		}
		time.Sleep(100 * time.Microsecond)
	}
	s.started = time.Since(begin)
	return s, nil
}

// drain discards what is written. Because it is not a file, os/exec gives the
// process a pipe, as the host does.
type drain struct{}

func (drain) Write(p []byte) (int, error) { return len(p), nil }

func freePort() (string, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func (s *server) answers() bool {
	connection, err := net.Dial("tcp4", s.address)
	if err != nil {
		return false
	}
	defer connection.Close()
	_, _ = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	first := make([]byte, 1)
	_, err = io.ReadFull(connection, first)
	return err == nil
}

func (s *server) stop() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// call sends one request and returns the answer.
func (s *server) call(c testCase) ([]byte, error) {
	response, err := http.Post("http://"+s.address+"/"+c.function, "application/json; charset=utf-8", strings.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: answered %s", c.name, response.Status)
	}
	return answer, err
}

// clockTick is the unit of times in /proc: 1/100 s on every Linux.
const clockTick = 10 * time.Millisecond

// cpu returns the processor time that the process has used.
func (s *server) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(text, []byte(") "))
	fields := strings.Fields(string(rest))
	const user, system = 11, 12 // proc(5), counted from the field after the name
	if len(fields) <= system {
		return 0, errors.New("too few fields in /proc/<pid>/stat")
	}
	var total time.Duration
	for _, field := range []string{fields[user], fields[system]} {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		total += time.Duration(ticks) * clockTick
	}
	return total, nil
}

// peakMemory returns VmHWM of /proc/<pid>/status in bytes: the most memory that
// the process ever had.
func (s *server) peakMemory() (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("no VmHWM in /proc/<pid>/status")
}
