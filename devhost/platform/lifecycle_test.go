package platform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/platform"
)

// started is what the handler says when it starts.
const started = "handler: arguments:"

// starts counts how often the handler was started.
func starts(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return len(text)
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	count := filepath.Join(t.TempDir(), "starts")
	p, said := start(t, platform.Options{Folder: playApp(t, map[string]string{"COUNT_STARTS": count}, nil)})

	// After exit code 200 the host restarts the handler any number of times.
	for i := range 4 {
		said.Wait(t, started, i+1)
		if status, _ := deliver(t, p, "F", order{Exit: "200"}); status != 500 {
			t.Errorf("answer %d", status)
		}
	}
	said.Wait(t, started, 5)
	said.Wait(t, "info host: the handler ended with exit code 200: the host restarts it", 1)
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 || starts(t, count) != 5 {
		t.Errorf("answer %d after %d starts", status, starts(t, count))
	}

	// Any other code is a crash. The third ends the host, and devhost starts a new one.
	for i := range 3 {
		said.Wait(t, started, 5+i)
		if status, _ := deliver(t, p, "F", order{Exit: "7"}); status != 500 {
			t.Errorf("answer %d", status)
		}
	}
	said.Wait(t, "error host: the handler ended with exit code 7; the host restarts it (crash 2; at the third within 30 minutes the host ends itself)", 1)
	said.Wait(t, "error devhost: the host ended: a new one starts in 2s: the handler crashed three times: the host ends itself: the handler ended with exit code 7", 1)
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 || starts(t, count) != 8 {
		t.Errorf("answer %d after %d starts", status, starts(t, count))
	}

	// After exit code 0 this host never starts the handler again, and every delivery
	// fails.
	if status, _ := deliver(t, p, "F", order{Exit: "0"}); status != 500 {
		t.Errorf("answer %d", status)
	}
	said.Wait(t, "error host: the handler ended with exit code 0: the host never restarts it, and every later invocation fails", 1)
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 500 || starts(t, count) != 8 {
		t.Errorf("answer %d after %d starts", status, starts(t, count))
	}
	said.Wait(t, "connection refused", 1)
}

func TestHostThatRunsOnce(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil), Once: true})
	for i := range 3 {
		said.Wait(t, started, i+1)
		deliver(t, p, "F", order{Exit: "7", Stderr: "it hurts"})
	}
	select {
	case <-p.Ended():
	case <-time.After(20 * time.Second):
		t.Fatalf("it does not end:\n%s", said)
	}
	want := "the handler crashed three times: the host ends itself: the handler ended with exit code 7; its last errors:\nit hurts"
	if p.Err() == nil || p.Err().Error() != want {
		t.Errorf("got  %v\nwant %s", p.Err(), want)
	}
}

func TestHandlerThatNeverStarts(t *testing.T) {
	t.Parallel()
	count := filepath.Join(t.TempDir(), "starts")
	folder := playApp(t, map[string]string{"COUNT_STARTS": count, "EXIT_AT_START": "3"}, nil)
	_, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ()})
	want := "the handler crashed three times: the host ends itself: the handler ended with exit code 3 before it was ready"
	if err == nil || err.Error() != want || starts(t, count) != 3 {
		t.Errorf("got %v after %d starts", err, starts(t, count))
	}
}

// A change of a file that the host reads at its start restarts the host.
func TestChangedFiles(t *testing.T) {
	t.Parallel()
	count := filepath.Join(t.TempDir(), "starts")
	folder := playApp(t, map[string]string{"COUNT_STARTS": count}, nil)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The program is the app's own, so that it can change.
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(folder, "own")
	if err := os.WriteFile(own, content, 0o700); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(folder, "host.json"), program, "own")
	p, said := start(t, platform.Options{Folder: folder})

	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, content, 0o700); err != nil {
		t.Fatal(err)
	}
	said.Wait(t, "info devhost: own has changed: restarting the host", 1)
	if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status != 202 || starts(t, count) != 2 {
		t.Errorf("answer %d after %d starts", status, starts(t, count))
	}

	replace(t, filepath.Join(folder, "F/function.json"), `"my-queue"`, `"other-queue"`)
	said.Wait(t, "info devhost: F/function.json has changed: restarting the host", 1)
	if status, _ := deliver(t, p, "F", order{Answer: `{"Outputs":{"queue":["a"]}}`}); status != 202 {
		t.Errorf("answer %d", status)
	}
	if messages, err := p.Storage().Messages(t.Context(), "other-queue"); err != nil || len(messages) != 1 {
		t.Errorf("%d messages in the queue that is bound now; %v", len(messages), err)
	}

	// A function is in error until its file is fixed.
	replace(t, filepath.Join(folder, "F/function.json"), `"out"`, `"up"`)
	said.Wait(t, `the function F is in error: F/function.json: bindings[1].direction is "up": write in or out or inout`, 1)
	replace(t, filepath.Join(folder, "F/function.json"), `"up"`, `"out"`)
	for range 1000 {
		if status, _ := deliver(t, p, "F", order{Answer: "{}"}); status == 202 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("it does not come back:\n%s", said)
}

func replace(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not hold %s", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, new)), 0o600); err != nil {
		t.Fatal(err)
	}
}
