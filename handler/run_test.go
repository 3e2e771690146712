package main

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/internal/testkit"
)

// environ returns the environment of a handler: any free port, an app folder, and
// these variables.
func environ(t *testing.T, more map[string]string) map[string]string {
	t.Helper()
	env := map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "0", "FUNCTIONS_APP_ROOT_PATH": testkit.AppFolder(t)}
	maps.Copy(env, more)
	return env
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

// running is a running handler.
type running struct {
	url            string
	stdout, stderr *testkit.Buffer
	stop           context.CancelFunc
	code           chan int
}

// start runs a handler and waits until it listens.
func start(t *testing.T, env map[string]string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stdout: new(testkit.Buffer), stderr: new(testkit.Buffer), stop: stop, code: make(chan int, 1)}
	go func() { r.code <- run(ctx, []string{"handler"}, lookup(env), r.stdout, r.stderr) }()
	t.Cleanup(stop)
	testkit.WaitUntil(t, "the handler to listen", func() bool {
		var line struct{ Address string }
		first, _, _ := strings.Cut(r.stdout.String(), "\n")
		if json.Unmarshal([]byte(first), &line, json.MatchCaseInsensitiveNames(true)) != nil || line.Address == "" {
			return false
		}
		r.url = "http://" + line.Address
		return true
	})
	return r
}

func (r *running) exit(t *testing.T) int {
	t.Helper()
	select {
	case code := <-r.code:
		return code
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
		return 0
	}
}

func TestRun(t *testing.T) {
	r := start(t, environ(t, nil))
	response, err := http.Get(r.url + "/")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	body := `{"Data":{"eventGridEvents":` + string(sample(t, "eg_received_text")[0]) + `},"Metadata":{}}`
	response, err = http.Post(r.url+"/AdvancedMessageTrigger", "application/json", struct{ io.Reader }{strings.NewReader(body)})
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(answer), "Hello, is order 12345 ready?") {
		t.Errorf("answer %s, %v", answer, err)
	}
	r.stop()
	if code := r.exit(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if r.stderr.String() != "" {
		t.Errorf("stderr: %s", r.stderr)
	}
	if lines := strings.Count(r.stdout.String(), "\n"); lines != 3 {
		t.Errorf("%d lines: %s", lines, r.stdout)
	}
}

// After exit code 0 the host would never start the handler again.
func TestExitCodeUnderAHost(t *testing.T) {
	r := start(t, environ(t, map[string]string{"FUNCTIONS_CUSTOMHANDLER_WORKER_ID": "3f1c2b7a-9d54-4e0b-8a66-0c1d2e3f4a5b"}))
	r.stop()
	if code := r.exit(t); code != 200 {
		t.Errorf("exit code %d, want 200", code)
	}
}

// A handler that stops finishes running invocations and accepts no new ones.
func TestStoppingFinishesWhatIsInFlight(t *testing.T) {
	r := start(t, environ(t, nil))
	body, rest := io.Pipe()
	answered := make(chan error, 1)
	go func() {
		response, err := http.Post(r.url+"/StatusTrigger", "application/json", body)
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %s", response.Status)
		}
		answered <- err
	}()
	if _, err := io.WriteString(rest, `{"Data":{"eventGridEvents":`); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // for the request to get there
	r.stop()
	address := strings.TrimPrefix(r.url, "http://")
	testkit.WaitUntil(t, "the handler to take no connections", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err != nil
	})
	if _, err := io.WriteString(rest, `[]},"Metadata":{}}`); err != nil {
		t.Error(err)
	}
	_ = rest.Close()
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if code := r.exit(t); code != 0 {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
}

func TestAppThatWasSplit(t *testing.T) {
	root := testkit.AppFolder(t, testkit.Remove(receiver+"/function.json"))
	r := start(t, environ(t, map[string]string{"FUNCTIONS_APP_ROOT_PATH": root}))
	want := `{"level":"warn","function":"AdvancedMessageTrigger","message":"no folder for this function: its events must go to another app"}` + "\n"
	if diff := cmp.Diff(want, r.stderr.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())

	const receiverFile = receiver + "/function.json"
	misspelt := testkit.AppFolder(t, testkit.Replace(receiverFile, `"inboundMessages"`, `"inboundMesages"`))
	dataType := testkit.AppFolder(t, testkit.Replace(receiverFile, `"rejectedEvents",`, `"rejectedEvents", "dataType": "binary",`))
	unknown := testkit.AppFolder(t, testkit.Write("Reports/function.json", `{"bindings": []}`))
	empty := t.TempDir()

	for name, test := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"no port":          {map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": ""}, []string{"FUNCTIONS_CUSTOMHANDLER_PORT is not set: the Functions host sets it; to run the handler by hand, set it to a free port, or 0 for any"}},
		"a port of words":  {map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "http"}, []string{"FUNCTIONS_CUSTOMHANDLER_PORT is 'http': write a port: 0 (any) to 65535"}},
		"a port too large": {map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "65536"}, []string{"FUNCTIONS_CUSTOMHANDLER_PORT is '65536': write a port: 0 (any) to 65535"}},
		"all at once": {
			map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "-1", "HANDLER_LOG_LEVEL": "loud", "HANDLER_MAX_BODY_BYTES": "16MB", "HANDLER_OPT_OUT_WORDS": " , …", "FUNCTIONS_APP_ROOT_PATH": misspelt},
			[]string{
				"FUNCTIONS_CUSTOMHANDLER_PORT is '-1': write a port: 0 (any) to 65535",
				"HANDLER_LOG_LEVEL is 'loud', which is not a log level: see README.md",
				"HANDLER_MAX_BODY_BYTES is '16MB': write a number from 4194304 to 1073741824",
				"HANDLER_OPT_OUT_WORDS is ' , …': write words separated by commas",
				"AdvancedMessageTrigger/function.json: output 'inboundMesages': the function has no such output: it has 'inboundMessages', 'messages', 'mediaRequests', 'preferences', 'rejectedEvents'",
			},
		},
		"a limit that real deliveries pass": {map[string]string{"HANDLER_MAX_BODY_BYTES": "1000"}, []string{"HANDLER_MAX_BODY_BYTES is '1000': write a number from 4194304 to 1073741824"}},
		"a port that is taken": {
			map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": port},
			[]string{"listen tcp4 127.0.0.1:" + port + ": bind: address already in use: set FUNCTIONS_CUSTOMHANDLER_PORT to a free port"},
		},
		"an output misspelt": {
			map[string]string{"FUNCTIONS_APP_ROOT_PATH": misspelt},
			[]string{"AdvancedMessageTrigger/function.json: output 'inboundMesages': the function has no such output: it has 'inboundMessages', 'messages', 'mediaRequests', 'preferences', 'rejectedEvents'"},
		},
		"a dataType on an output": {
			map[string]string{"FUNCTIONS_APP_ROOT_PATH": dataType},
			[]string{"AdvancedMessageTrigger/function.json: output 'rejectedEvents' has dataType 'binary': remove it, because it changes what the host writes"},
		},
		"a function it does not have": {
			map[string]string{"FUNCTIONS_APP_ROOT_PATH": unknown},
			[]string{"Reports/function.json: the handler has no function of this name: it has 'AdvancedMessageTrigger', 'StatusTrigger', 'WebhookTrigger'"},
		},
		"a folder without an app": {
			map[string]string{"FUNCTIONS_APP_ROOT_PATH": empty},
			[]string{"no folder with a function.json in " + empty + ": set FUNCTIONS_APP_ROOT_PATH to the app's folder"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second) // a handler that starts would never end
			defer stop()
			var stdout, stderr bytes.Buffer
			if code := run(ctx, []string{"handler"}, lookup(environ(t, test.env)), &stdout, &stderr); code != 1 {
				t.Errorf("exit code %d", code)
			}
			var got []string
			for line := range strings.Lines(stderr.String()) {
				var entry struct{ Level, Message string }
				if err := json.Unmarshal([]byte(line), &entry, json.MatchCaseInsensitiveNames(true)); err != nil || entry.Level != "error" {
					t.Errorf("%q: %v", line, err)
				}
				got = append(got, entry.Message)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout: %s", &stdout)
			}
		})
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"handler", "--port"}, lookup(environ(t, nil)), io.Discard, &stderr); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if want := "handler takes no argument but --version: environment variables configure it, see README.md\n"; stderr.String() != want {
		t.Errorf("got %q, want %q", &stderr, want)
	}
}

func TestUnresolvedReferencesAreNoSecrets(t *testing.T) {
	config, err := readConfig(lookup(environ(t, map[string]string{
		"META_APP_SECRETS": "@Microsoft.KeyVault(VaultName=v;SecretName=s)", "META_VERIFY_TOKEN": "@microsoft.keyvault(SecretUri=https://v)", "WEBHOOK_SHARED_SECRET": " ",
	})))
	if err != nil || config.functions.Secrets.Any() || config.functions.Secrets.VerifyToken != "" {
		t.Errorf("got %+v, %v", config.functions.Secrets, err)
	}
	want := []string{
		"META_APP_SECRETS is a reference to a Key Vault that Azure could not read: see docs/meta.md",
		"META_VERIFY_TOKEN is a reference to a Key Vault that Azure could not read: see docs/meta.md",
	}
	if diff := cmp.Diff(want, config.warnings); diff != "" {
		t.Error(diff)
	}
}

func TestWebhooksNeedLargeBodies(t *testing.T) {
	_, err := readConfig(lookup(environ(t, map[string]string{"META_APP_SECRETS": "s", "HANDLER_MAX_BODY_BYTES": "4194304"})))
	if want := "HANDLER_MAX_BODY_BYTES is '4194304': write a number from 9437184 to 1073741824"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestProfileNamesSetting(t *testing.T) {
	for value, want := range map[string]bool{"": false, "true": true, "TRUE": true, "false": false} {
		config, err := readConfig(lookup(environ(t, map[string]string{"HANDLER_STORE_PROFILE_NAMES": value})))
		if err != nil || config.functions.KeepProfileNames != want {
			t.Errorf("%q: got %v, %v, want %v", value, config.functions.KeepProfileNames, err, want)
		}
	}
	if _, err := readConfig(lookup(environ(t, map[string]string{"HANDLER_STORE_PROFILE_NAMES": "yes"}))); err == nil {
		t.Error("yes is accepted")
	}
}

func TestOptOutWordsOfOnesOwn(t *testing.T) {
	config, err := readConfig(lookup(environ(t, map[string]string{"HANDLER_OPT_OUT_WORDS": " arrêt!, ,stop it "})))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"ARRÊT": true, "Stop it.": true, "stop": false} {
		if got := config.functions.OptOut.Match(&conversation.Message{Text: text}); got != want {
			t.Errorf("%s: got %t, want %t", text, got, want)
		}
	}
}

// The host does not log a line on stderr as an error if it contains "warn".
func TestStartErrorsAreErrorsToTheHost(t *testing.T) {
	var stderr bytes.Buffer
	env := map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "x", "HANDLER_LOG_LEVEL": "x", "HANDLER_MAX_BODY_BYTES": "x", "HANDLER_OPT_OUT_WORDS": ".", "FUNCTIONS_APP_ROOT_PATH": t.TempDir()}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if run(ctx, []string{"handler"}, lookup(env), io.Discard, &stderr) != 1 {
		t.Error("the handler starts")
	}
	if strings.Count(stderr.String(), "\n") != 5 || strings.Contains(strings.ToLower(stderr.String()), "warn") {
		t.Errorf("stderr: %s", &stderr)
	}
}

// A request that never ends is cut off after a timeout. This is not an error,
// because the handler was stopped.
func TestStoppingCutsOffWhatNeverEnds(t *testing.T) {
	var log testkit.Buffer
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	body, rest := io.Pipe()
	defer rest.Close()
	ctx, stop := context.WithCancel(t.Context())
	reached := make(chan struct{})
	life := lifetime{
		server: newServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(reached)
			_, _ = io.Copy(io.Discard, r.Body)
		}), zerolog.New(&log)),
		listener: listener, parent: os.Getppid(), drain: 50 * time.Millisecond, log: zerolog.New(&log),
	}
	ended := make(chan error, 1)
	go func() { ended <- life.run(ctx) }()
	go func() { _, _ = http.Post("http://"+listener.Addr().String(), "text/plain", body) }()
	<-reached
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if want := `{"level":"warn","after":50,"message":"invocations were cut off"}`; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %s: %s", want, &log)
	}
}

// The server does not close connections that are slow or idle.
func TestServerLimits(t *testing.T) {
	s := newServer(http.NotFoundHandler(), zerolog.Nop())
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout != 0 || s.WriteTimeout != 0 || s.IdleTimeout != 0 {
		t.Errorf("%+v", s)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	r := start(t, environ(t, nil))
	for i := range 3 {
		reused := false
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, r.url+"/StatusTrigger", strings.NewReader(`{"Data":{"eventGridEvents":[]}}`))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if reused != (i > 0) {
			t.Errorf("request %d: used again %t", i, reused)
		}
	}
}

// An empty variable counts as not set.
func TestEmptyVariables(t *testing.T) {
	_, err := readConfig(lookup(environ(t, map[string]string{"HANDLER_LOG_LEVEL": "", "HANDLER_MAX_BODY_BYTES": "", "HANDLER_OPT_OUT_WORDS": ""})))
	if err != nil {
		t.Error(err)
	}
}

func TestStreamsByLevel(t *testing.T) {
	var stdout, stderr bytes.Buffer
	log := newLogger(&stdout, &stderr, -1)
	log.Trace().Msg("trace")
	log.Debug().Msg("debug")
	log.Info().Msg("info")
	log.Warn().Msg("warn")
	log.Error().Msg("error")
	log.Log().Msg("none")
	serverLog(log).Print("http: something")
	count := func(text string) (n int) { return strings.Count(text, "\n") }
	if count(stdout.String()) != 4 || count(stderr.String()) != 3 {
		t.Errorf("stdout:\n%sstderr:\n%s", &stdout, &stderr)
	}
	if want := `{"level":"error","error":"http: something","message":"HTTP server"}`; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr lacks %s:\n%s", want, &stderr)
	}
}
