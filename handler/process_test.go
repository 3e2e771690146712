//go:build linux

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build builds the handler as it ships.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "handler")
	command := exec.Command("go", "build", "-o", binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return binary
}

func processEnviron() []string {
	root, _ := filepath.Abs(repository)
	return append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0", "FUNCTIONS_CUSTOMHANDLER_WORKER_ID=x", "FUNCTIONS_APP_ROOT_PATH="+root)
}

func TestSignals(t *testing.T) {
	binary := build(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		command := exec.Command(binary)
		command.Env = processEnviron()
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		if !lines.Scan() || !strings.Contains(lines.Text(), "listening") {
			t.Fatalf("it says %q", lines.Text())
		}
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		_ = command.Wait()
		if code := command.ProcessState.ExitCode(); code != 200 {
			t.Errorf("%v: exit code %d, want 200", signal, code)
		}
	}
}

// A shell plays a host that dies hard: its handler must end by itself.
func TestHandlerEndsWithItsParent(t *testing.T) {
	binary := build(t)
	log := filepath.Join(t.TempDir(), "log")
	host := exec.Command("sh", "-c", `"$0" >"$1" 2>&1 & echo $!; wait`, binary, log)
	host.Env = processEnviron()
	stdout, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	handler := strings.TrimSpace(line)
	waitFor(t, "the handler to listen", func() bool {
		text, _ := os.ReadFile(log)
		return strings.Contains(string(text), "listening")
	})
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	waitFor(t, "the handler to end", func() bool {
		// An orphan nobody waits for stays behind as a zombie.
		status, err := os.ReadFile("/proc/" + handler + "/stat")
		return err != nil || strings.Contains(string(status), ") Z ")
	})
	text, err := os.ReadFile(log)
	if want := `{"level":"error","message":"the host is gone"}`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the log lacks %s: %s%v", want, text, err)
	}
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited 10 s for %s", what)
}
