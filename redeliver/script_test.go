package main

import (
	"context"
	"encoding/json/v2"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/internal/testkit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"redeliver": main})
}

// TestScripts runs the sessions in testdata/script. $URL is the address of a
// Functions host with both functions, and rejected the folder of its rejections.
// Commands beside those of testscript:
//
//	host accepts | fails | is-down | takes <duration> | status <code>
//	rejects <event id> <reason> [written]: from the next delivery on
//	delivered [<function>: <ids>]...: what the functions got since the last time
//	exits <code> <program> <args>...
func TestScripts(t *testing.T) {
	subscriptions, err := os.ReadFile(filepath.Join(testkit.AppFolder(t), "infra/subscriptions.json"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			fake := &fakeHost{folder: filepath.Join(env.WorkDir, "rejected"), closed: make(chan struct{})}
			server := httptest.NewServer(fake)
			env.Defer(func() { close(fake.closed); server.Close() })
			env.Values[fakeHostKey{}] = fake
			env.Setenv("URL", server.URL)
			env.Setenv(envKey, testKey)
			for _, folder := range []string{"infra", "rejected"} {
				if err := os.MkdirAll(filepath.Join(env.WorkDir, folder), 0o700); err != nil {
					return err
				}
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "infra/subscriptions.json"), subscriptions, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"host":      func(ts *testscript.TestScript, _ bool, args []string) { fakeOf(ts).configure(ts, args) },
			"rejects":   func(ts *testscript.TestScript, _ bool, args []string) { fakeOf(ts).reject(args) },
			"delivered": func(ts *testscript.TestScript, _ bool, args []string) { fakeOf(ts).delivered(ts, args) },
			"exits":     exits,
		},
	})
}

// exits runs a program and compares its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

const testKey = "secret/key=="

// fakeHost is devhost's webhook, with functions that only record their events.
type fakeHost struct {
	folder string        // of rejections
	closed chan struct{} // ends delays

	mu         sync.Mutex
	calls      []string // function: ids
	err        error
	status     int
	delay      time.Duration
	rejections map[string]rejection
	blobs      int
}

type fakeHostKey struct{}

func fakeOf(ts *testscript.TestScript) *fakeHost {
	return ts.Value(fakeHostKey{}).(*fakeHost)
}

func (f *fakeHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	status, delay := f.status, f.delay
	f.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-f.closed:
		return
	}
	if status != 0 {
		w.Header().Set("Location", "https://login.example.com/?code="+r.Header.Get("X-Functions-Key"))
		w.WriteHeader(status)
		return
	}
	webhook := host.Webhook{Functions: f, Keys: &host.Keys{EventGrid: testKey}, Log: zerolog.Nop()}
	webhook.ServeHTTP(w, r)
}

// Has implements [host.Functions].
func (f *fakeHost) Has(function string) bool {
	return function == "AdvancedMessageTrigger" || function == "StatusTrigger"
}

// Deliver implements [host.Functions].
func (f *fakeHost) Deliver(_ context.Context, function string, events []dotnet.Value) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	call := function + ":"
	var entries []map[string]any
	for _, e := range events {
		id, _ := e.Get("id")
		call += " " + id.Text
		if r, ok := f.rejections[id.Text]; ok {
			kind, _ := e.Get("type")
			entries = append(entries, map[string]any{"reason": r.reason, "written": r.written, "event": map[string]any{"type": kind.Text, "id": id.Text}})
		}
	}
	f.calls = append(f.calls, call)
	if entries == nil {
		return nil
	}
	text, err := json.Marshal(map[string]any{"function": function, "events": entries})
	if err != nil {
		return err
	}
	f.blobs++
	return os.WriteFile(filepath.Join(f.folder, strconv.Itoa(f.blobs)+".json"), text, 0o600)
}

func (f *fakeHost) configure(ts *testscript.TestScript, args []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.status, f.delay = nil, 0, 0
	var err error
	switch args[0] {
	case "accepts":
	case "fails":
		f.err = errors.New("hidden")
	case "is-down":
		f.err = host.ErrUnavailable
	case "takes":
		f.delay, err = time.ParseDuration(args[1])
	case "status":
		f.status, err = strconv.Atoi(args[1])
	default:
		ts.Fatalf("unknown: host %s", args[0])
	}
	ts.Check(err)
}

func (f *fakeHost) reject(args []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rejections == nil {
		f.rejections = map[string]rejection{}
	}
	f.rejections[args[0]] = rejection{args[1], len(args) > 2}
}

func (f *fakeHost) delivered(ts *testscript.TestScript, want []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(f.calls, want) {
		ts.Fatalf("delivered: %s\nwant: %s", strings.Join(f.calls, "; "), strings.Join(want, "; "))
	}
	f.calls = nil
}
