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

	"whatsapp-functions/internal/testkit"
)

func processEnviron(t *testing.T) []string {
	t.Helper()
	return append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0", "FUNCTIONS_CUSTOMHANDLER_WORKER_ID=x", "FUNCTIONS_APP_ROOT_PATH="+testkit.AppFolder(t))
}

func TestSignals(t *testing.T) {
	binary := testkit.Program(t, "handler")
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		command := exec.Command(binary)
		command.Env = processEnviron(t)
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

// The shell plays a host that is killed: its handler must end too.
func TestHandlerEndsWithItsParent(t *testing.T) {
	binary := testkit.Program(t, "handler")
	log := filepath.Join(t.TempDir(), "log")
	host := exec.Command("sh", "-c", `"$0" >"$1" 2>&1 & echo $!; wait`, binary, log)
	host.Env = processEnviron(t)
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
	testkit.WaitUntil(t, "the handler to listen", func() bool {
		text, _ := os.ReadFile(log)
		return strings.Contains(string(text), "listening")
	})
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	testkit.WaitUntil(t, "the handler to end", func() bool {
		// The orphan remains as a zombie if its new parent does not wait.
		status, err := os.ReadFile("/proc/" + handler + "/stat")
		return err != nil || strings.Contains(string(status), ") Z ")
	})
	text, err := os.ReadFile(log)
	if want := `{"level":"error","message":"the host is gone"}`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the log lacks %s: %s%v", want, text, err)
	}
}
