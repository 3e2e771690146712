package main

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/worker"
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

// start runs a handler and waits until it listens.
func start(t *testing.T, env map[string]string) *testkit.Worker {
	t.Helper()
	return testkit.StartWorker(t, func(ctx context.Context, stdout, stderr io.Writer) int {
		return run(ctx, []string{"handler"}, testkit.Lookup(env), stdout, stderr)
	})
}

// read reads the settings from variables, and returns the warnings too.
func read(variables map[string]string) (functions.Settings, []string, error) {
	env := worker.NewEnvironment(testkit.Lookup(variables))
	settings, _ := readSettings(env)
	return settings, env.Warnings(), env.Err()
}

func TestRun(t *testing.T) {
	r := start(t, environ(t, nil))
	response, err := http.Get(r.URL + "/")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	body := `{"Data":{"eventGridEvents":` + string(sample(t, "eg_received_text")[0]) + `},"Metadata":{}}`
	response, err = http.Post(r.URL+"/AdvancedMessageTrigger", "application/json", struct{ io.Reader }{strings.NewReader(body)})
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(answer), "Hello, is order 12345 ready?") {
		t.Errorf("answer %s, %v", answer, err)
	}
	r.Stop()
	if code := r.Exit(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if r.Stderr.String() != "" {
		t.Errorf("stderr: %s", r.Stderr)
	}
	if lines := strings.Count(r.Stdout.String(), "\n"); lines != 3 {
		t.Errorf("%d lines: %s", lines, r.Stdout)
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
			if code := run(ctx, []string{"handler"}, testkit.Lookup(environ(t, test.env)), &stdout, &stderr); code != 1 {
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

func TestUnresolvedReferencesAreNoSecrets(t *testing.T) {
	settings, warnings, err := read(map[string]string{
		"META_APP_SECRETS": "@Microsoft.KeyVault(VaultName=v;SecretName=s)", "META_VERIFY_TOKEN": "@microsoft.keyvault(SecretUri=https://v)", "WEBHOOK_SHARED_SECRET": " ",
	})
	if err != nil || settings.Secrets.Any() || settings.Secrets.VerifyToken != "" {
		t.Errorf("got %+v, %v", settings.Secrets, err)
	}
	want := []string{
		"META_APP_SECRETS is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it",
		"META_VERIFY_TOKEN is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it",
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Error(diff)
	}
}

func TestWebhooksNeedLargeBodies(t *testing.T) {
	_, _, err := read(map[string]string{"META_APP_SECRETS": "s", "HANDLER_MAX_BODY_BYTES": "4194304"})
	if want := "HANDLER_MAX_BODY_BYTES is '4194304': write a number from 9437184 to 1073741824"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestProfileNamesSetting(t *testing.T) {
	for value, want := range map[string]bool{"": false, "true": true, "TRUE": true, "false": false} {
		settings, _, err := read(map[string]string{"HANDLER_STORE_PROFILE_NAMES": value})
		if err != nil || settings.KeepProfileNames != want {
			t.Errorf("%q: got %v, %v, want %v", value, settings.KeepProfileNames, err, want)
		}
	}
	if _, _, err := read(map[string]string{"HANDLER_STORE_PROFILE_NAMES": "yes"}); err == nil {
		t.Error("yes is accepted")
	}
}

func TestOptOutWordsOfOnesOwn(t *testing.T) {
	settings, _, err := read(map[string]string{"HANDLER_OPT_OUT_WORDS": " arrêt!, ,stop it "})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"ARRÊT": true, "Stop it.": true, "stop": false} {
		if got := settings.OptOut.Match(&conversation.Message{Text: text}); got != want {
			t.Errorf("%s: got %t, want %t", text, got, want)
		}
	}
}

// An empty variable counts as not set.
func TestEmptyVariables(t *testing.T) {
	_, _, err := read(map[string]string{"HANDLER_MAX_BODY_BYTES": "", "HANDLER_OPT_OUT_WORDS": ""})
	if err != nil {
		t.Error(err)
	}
}

// The host does not log a line on stderr as an error if it contains "warn".
func TestStartErrorsAreErrorsToTheHost(t *testing.T) {
	var stderr bytes.Buffer
	env := map[string]string{"FUNCTIONS_CUSTOMHANDLER_PORT": "x", "HANDLER_LOG_LEVEL": "x", "HANDLER_MAX_BODY_BYTES": "x", "HANDLER_OPT_OUT_WORDS": ".", "FUNCTIONS_APP_ROOT_PATH": t.TempDir()}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if run(ctx, []string{"handler"}, testkit.Lookup(env), io.Discard, &stderr) != 1 {
		t.Error("the handler starts")
	}
	if strings.Count(stderr.String(), "\n") != 5 || strings.Contains(strings.ToLower(stderr.String()), "warn") {
		t.Errorf("stderr: %s", &stderr)
	}
}
