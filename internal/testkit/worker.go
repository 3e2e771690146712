package testkit

import (
	"context"
	"encoding/json/v2"
	"io"
	"strings"
	"testing"
	"time"
)

// Worker is a custom handler that runs in the test's own process.
type Worker struct {
	// URL is where it listens.
	URL            string
	Stdout, Stderr *Buffer
	// Stop ends it as a signal does.
	Stop context.CancelFunc
	code chan int
}

// StartWorker starts a custom handler and waits until its first line in the log
// reports the address. It stops the handler at the end of the test.
func StartWorker(t testing.TB, run func(ctx context.Context, stdout, stderr io.Writer) int) *Worker {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &Worker{Stdout: new(Buffer), Stderr: new(Buffer), Stop: stop, code: make(chan int, 1)}
	go func() { w.code <- run(ctx, w.Stdout, w.Stderr) }()
	t.Cleanup(stop)
	WaitUntil(t, "the handler listens", func() bool {
		var line struct {
			Address string `json:"address"`
		}
		first, _, _ := strings.Cut(w.Stdout.String(), "\n")
		if json.Unmarshal([]byte(first), &line) != nil || line.Address == "" {
			return false
		}
		w.URL = "http://" + line.Address
		return true
	})
	return w
}

// Exit waits until the handler has ended, and returns its exit code.
func (w *Worker) Exit(t testing.TB) int {
	t.Helper()
	select {
	case code := <-w.code:
		return code
	case <-time.After(waitLimit):
		t.Fatal("the handler does not end")
		return 0
	}
}

// Lookup looks variables up in a map as os.LookupEnv does in the environment.
func Lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}
