package worker

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/internal/testkit"
)

type process = func(ctx context.Context, message string, results *bridge.Results) error

// service returns a service with two functions, which process messages of queues.
func service(process process) Service {
	fake := bridge.Function{Name: "Fake", Trigger: bridge.QueueTrigger, Process: process}
	other := fake
	other.Name = "Other"
	return Service{Functions: []bridge.Function{fake, other}, MaxBody: 1 << 20}
}

func succeed(context.Context, string, *bridge.Results) error { return nil }

// environ returns the environment of a program: any free port, an app folder with
// these functions, and more variables.
func environ(t *testing.T, functions []string, more map[string]string) map[string]string {
	t.Helper()
	root := t.TempDir()
	for _, name := range functions {
		testkit.Must(t, os.Mkdir(filepath.Join(root, name), 0o700))
		text := `{"bindings":[{"type":"queueTrigger","direction":"in","name":"item","queueName":"q"}]}`
		testkit.Must(t, os.WriteFile(filepath.Join(root, name, "function.json"), []byte(text), 0o600))
	}
	env := map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "0", "FUNCTIONS_APP_ROOT_PATH": root}
	maps.Copy(env, more)
	return env
}

// start starts a program and waits until it listens.
func start(t *testing.T, env map[string]string, configure func(env *Environment) Service) *testkit.Worker {
	t.Helper()
	return testkit.StartWorker(t, func(ctx context.Context, stdout, stderr io.Writer) int {
		return Program{Name: "fake", Args: []string{"fake"}, LookupEnv: testkit.Lookup(env), Stdout: stdout, Stderr: stderr}.Run(ctx, configure)
	})
}

func TestRun(t *testing.T) {
	env := environ(t, []string{"Fake", "Other"}, map[string]string{"SECRET": "@Microsoft.KeyVault(VaultName=v;SecretName=s)"})
	w := start(t, env, func(env *Environment) Service {
		if secret := env.Secret("SECRET"); secret != "" {
			t.Errorf("the secret is %q", secret)
		}
		return service(succeed)
	})
	if !strings.HasPrefix(w.URL, "http://127.0.0.1:") {
		t.Errorf("it listens at %s", w.URL)
	}
	w.Stop()
	if code := w.Exit(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	want := `{"level":"warn","message":"SECRET is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it"}` + "\n"
	if diff := cmp.Diff(want, w.Stderr.String()); diff != "" {
		t.Error(diff)
	}
	if lines := logged(w.Stdout.String()); len(lines) != 2 || !strings.Contains(lines[0], `"functions":["Fake","Other"]`) || lines[1] != `{"level":"info","message":"stopped"}` {
		t.Errorf("stdout: %s", w.Stdout)
	}
}

// logged returns the lines of a log.
func logged(log string) []string {
	return strings.FieldsFunc(log, func(r rune) bool { return r == '\n' })
}

// After exit code 0 the host would never start the handler again.
func TestExitCodeUnderAHost(t *testing.T) {
	env := environ(t, []string{"Fake"}, map[string]string{"FUNCTIONS_CUSTOMHANDLER_WORKER_ID": "3f1c2b7a-9d54-4e0b-8a66-0c1d2e3f4a5b"})
	w := start(t, env, func(*Environment) Service { return service(succeed) })
	w.Stop()
	if code := w.Exit(t); code != 200 {
		t.Errorf("exit code %d, want 200", code)
	}
}

func TestAppThatWasSplit(t *testing.T) {
	w := start(t, environ(t, []string{"Fake"}, nil), func(*Environment) Service { return service(succeed) })
	want := `{"level":"warn","function":"Other","message":"no folder for this function: its events must go to another app"}` + "\n"
	if diff := cmp.Diff(want, w.Stderr.String()); diff != "" {
		t.Error(diff)
	}
}

// All mistakes are reported together, each once and as an error.
func TestRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	testkit.Must(t, err)
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for name, test := range map[string]struct {
		functions []string
		env       map[string]string
		want      []string
	}{
		"all at once": {
			[]string{"Wrong"},
			map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "", "HANDLER_LOG_LEVEL": "loud", "NUMBER": "0", "BOOLEAN": "yes"},
			[]string{
				"FUNCTIONS_CUSTOMHANDLER_PORT is not set: the Functions host sets it; to run the handler by hand, set it to a free port, or 0 for any",
				"HANDLER_LOG_LEVEL is 'loud', which is not a log level: see README.md",
				"NUMBER is '0': write a number from 1 to 9",
				"BOOLEAN is 'yes': write true or false",
				"Wrong/function.json: the handler has no function of this name: it has 'Fake', 'Other'",
			},
		},
		"a port that is not a number": {
			[]string{"Fake"}, map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "65536"},
			[]string{"FUNCTIONS_CUSTOMHANDLER_PORT is '65536': write a port: 0 (any) to 65535"},
		},
		"a port that is taken": {
			[]string{"Fake"}, map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": port},
			[]string{"listen tcp4 127.0.0.1:" + port + ": bind: address already in use: set FUNCTIONS_CUSTOMHANDLER_PORT to a free port"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second) // a program that starts would never end
			defer stop()
			var stdout, stderr bytes.Buffer
			p := Program{Name: "fake", Args: []string{"fake"}, LookupEnv: testkit.Lookup(environ(t, test.functions, test.env)), Stdout: &stdout, Stderr: &stderr}
			code := p.Run(ctx, func(env *Environment) Service {
				if n, b := env.Number("NUMBER", 3, 1, 9), env.Boolean("BOOLEAN", true); test.env["NUMBER"] == "" && (n != 3 || !b) {
					t.Errorf("got %d, %t", n, b)
				}
				return service(succeed)
			})
			if code != 1 || stdout.Len() > 0 {
				t.Errorf("exit code %d, stdout: %s", code, &stdout)
			}
			var got []string
			for _, line := range logged(stderr.String()) {
				var entry struct {
					Level   string `json:"level"`
					Message string `json:"message"`
				}
				if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level != "error" {
					t.Errorf("%q: %v", line, err)
				}
				got = append(got, entry.Message)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	var stderr bytes.Buffer
	p := Program{Args: []string{"bin/fake", "--port"}, LookupEnv: testkit.Lookup(nil), Stdout: io.Discard, Stderr: &stderr}
	if code := p.Run(t.Context(), nil); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if want := "bin/fake takes no argument but --version: environment variables configure it, see README.md\n"; stderr.String() != want {
		t.Errorf("got %q, want %q", &stderr, want)
	}
}
