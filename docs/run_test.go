package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// Every block of a page that can be run does, in the order of the page, in a
// copy of the repository, while make run runs there.
func TestBlocksRun(t *testing.T) {
	if testing.Short() {
		testkit.Skip(t, "the pages' commands take a while")
	}
	type command struct{ page, text string }
	var commands []command
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join(repository, page))
		if err != nil {
			t.Fatal(err)
		}
		found, err := blocks(string(text))
		if err != nil {
			t.Errorf("%s: %v", page, err)
		}
		for _, b := range found {
			run, err := b.test()
			if err != nil {
				t.Errorf("%s: %v", page, err)
			}
			if run {
				commands = append(commands, command{fmt.Sprintf("%s:%d", page, b.line), b.text})
			}
		}
	}
	if len(commands) < 5 {
		t.Errorf("only %d blocks are run", len(commands))
	}
	folder := scratch(t)
	makeRun(t, folder)
	for _, c := range commands {
		t.Run(c.page, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", c.text)
			shell.Dir, shell.Env = folder, environ()
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, c.text, output)
			}
		})
	}
}

// scratch copies the files of the repository that git has, or would have.
func scratch(t *testing.T) (folder string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repository
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(repository, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not yet for git
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// environ is that of a person's shell: without what a make that runs the tests
// hands down.
func environ() []string {
	return append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
}

// address is where make run listens.
const address = "127.0.0.1:7071"

// makeRun runs make run until the test ends, and returns when it listens.
func makeRun(t *testing.T, folder string) {
	t.Helper()
	free := func() bool {
		listener, err := net.Listen("tcp", address)
		if err == nil {
			_ = listener.Close()
		}
		return err == nil
	}
	if !within(time.Minute, free) {
		testkit.Skip(t, "something listens on "+address+": end it, the pages' commands need make run there")
	}
	var output bytes.Buffer
	command := exec.Command("make", "run")
	command.Dir, command.Env = folder, environ()
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make, and what it runs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
		_ = command.Wait()
	})
	listens := func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}
	if !within(2*time.Minute, listens) {
		t.Fatalf("make run does not listen on %s", address)
	}
}

func within(limit time.Duration, holds func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return true
		}
	}
	return false
}
