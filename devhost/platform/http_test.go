package platform_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

const httpBindings = `{"bindings":[{"type":"httpTrigger","direction":"in","name":"request","route":"hook","authLevel":"anonymous"},{"type":"http","direction":"out","name":"response"}]}`

func startHTTPApp(t *testing.T, settings string, edits ...testkit.Edit) (*platform.Platform, *testkit.Log) {
	t.Helper()
	program, err := os.Executable()
	testkit.Must(t, err)
	edits = append(edits,
		testkit.Write("Hook/function.json", httpBindings),
		testkit.Replace("host.json", `"bin/handler"`, `"`+program+`"`),
		testkit.Write("local.settings.json", `{"Values":{"`+envPlay+`":"1","GOCOVERDIR":"`+t.TempDir()+`","AzureWebJobsStorage":"UseDevelopmentStorage=true","ConversationStorage":"UseDevelopmentStorage=true"`+settings+`}}`),
	)
	said := new(testkit.Log)
	p, err := platform.Start(t.Context(), platform.Options{Folder: testkit.AppFolder(t, edits...), Address: "127.0.0.1:0", Environ: os.Environ(), Log: said.Logger()})
	testkit.Must(t, err)
	t.Cleanup(p.Stop)
	return p, said
}

func request(t *testing.T, method, url, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	testkit.Must(t, err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	testkit.Must(t, err)
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// HTTP functions are served beside the other endpoints. An access key is in no log
// line and no transcript.
func TestHTTPFunctions(t *testing.T) {
	t.Parallel()
	p, said := startHTTPApp(t, `,"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT":"10","AzureFunctionsJobHost__functionTimeout":"00:00:01"`)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/api/Hook?code=s3cret", "12345", http.StatusInternalServerError}, // the handler answers nothing,
		{"POST", "/api/hook", "12345678901", http.StatusRequestEntityTooLarge},
		{"POST", "/api//hook", "", http.StatusNotFound},
		{"POST", "/api/other", "", http.StatusNotFound},
		{"GET", "/admin/host/status", "", http.StatusOK},
		{"GET", "/", "", http.StatusOK},
	} {
		if got := request(t, test.method, p.URL()+test.path, test.body); got != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, got, test.status)
		}
	}
	last := p.Transcripts().Last(10)
	if len(last) != 1 || last[0].Function != "Hook" {
		t.Fatalf("%d transcripts: %+v", len(last), last)
	}
	files, err := filepath.Glob(filepath.Join(p.Data(), "invocations", "*.json"))
	testkit.Must(t, err)
	text, err := os.ReadFile(files[0])
	testkit.Must(t, err)
	if strings.Contains(string(text)+said.String(), "s3cret") {
		t.Errorf("the key is shown:\n%s\n%s", text, said)
	}
	if want := (history.Event{ID: "POST", Type: p.URL() + "/api/Hook"}); !strings.Contains(string(last[0].Events), want.Type) {
		t.Errorf("events: %s", last[0].Events)
	}
}

// The details of a call of an HTTP function whose transcript is gone show its method
// and address, and nothing of Event Grid.
func TestPageTracesHTTPFunctionWithoutTranscript(t *testing.T) {
	t.Parallel()
	p, _ := startHTTPApp(t, `,"AzureFunctionsJobHost__functionTimeout":"00:00:01"`)
	request(t, "GET", p.URL()+"/api/hook?code=s3cret", "") // the handler answers nothing
	files, err := filepath.Glob(filepath.Join(p.Data(), "invocations", "*.json"))
	testkit.Must(t, err)
	for _, file := range files {
		testkit.Must(t, os.Remove(file))
	}
	path := "/simulator/deliveries/" + first(t, p).Deliveries[0].ID
	status, text := ask(t, p, "GET", path, "")
	if status != http.StatusOK || !strings.Contains(text, `"method":"GET","url":"`+p.URL()+`/api/hook"`) {
		t.Errorf("%d %s", status, text)
	}
	for _, wrong := range []string{"EventGrid", "Aeg-", "curl", "s3cret"} {
		if strings.Contains(text, wrong) {
			t.Errorf("%s is in %s", wrong, text)
		}
	}
	if status, text := ask(t, p, "POST", path+"/again", "{}"); status != http.StatusNotFound {
		t.Errorf("%d %s", status, text)
	}
}

func TestDisabledHTTPFunction(t *testing.T) {
	t.Parallel()
	p, _ := startHTTPApp(t, `,"AzureWebJobs.Hook.Disabled":"true"`)
	if got := request(t, "POST", p.URL()+"/api/hook", ""); got != http.StatusNotFound {
		t.Error(got)
	}
}

func TestOutstandingRequests(t *testing.T) {
	t.Parallel()
	p, _ := startHTTPApp(t, `,"AzureFunctionsJobHost__extensions__http__maxOutstandingRequests":"0"`)
	if got := request(t, "POST", p.URL()+"/api/hook", ""); got != http.StatusTooManyRequests {
		t.Error(got)
	}
}

// An app that takes webhooks of Meta warns if it has no secret to check them with.
func TestWithoutSecretOfMeta(t *testing.T) {
	t.Parallel()
	const warning = "warn devhost: WebhookTrigger takes no webhooks of Meta: the app has no setting META_APP_SECRETS"
	for settings, want := range map[string]int{"": 1, `,"META_APP_SECRETS":" , "`: 1, `,"META_APP_SECRETS":"s3cret"`: 0} {
		_, said := startHTTPApp(t, settings)
		if got := strings.Count(said.String(), warning); got != want {
			t.Errorf("with the settings %s: %d warnings: %s", settings, got, said)
		}
	}
}
