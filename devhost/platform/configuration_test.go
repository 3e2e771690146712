package platform_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// recordedApp is an app folder, and what the Functions host made of it.
type recordedApp struct {
	Case  string `json:"case"`
	Given struct {
		Functions map[string]jsontext.Value `json:"functions"`
		Host      jsontext.Value            `json:"host.json"`
		Settings  map[string]string         `json:"settings"`
		Without   []string                  `json:"settings without"`
		Files     map[string]string         `json:"files"`
	} `json:"given"`
	Real configured `json:"real"`
}

// configured is what the host made of an app.
type configured struct {
	Host         string         `json:"host"`
	Posts        []answer       `json:"posts"`
	Functions    jsontext.Value `json:"functions"`
	HandlerCalls int            `json:"handlerCalls"`
}

type answer struct {
	Status int    `json:"status"`
	Answer string `json:"answer"`
}

// orders are the events of cases that need other events than the usual one,
// which writes the output q if there is one.
var orders = map[string][]order{
	"missing connection":               {{Answer: `{"Outputs":{"q":"x"}}`}, {Answer: `{"Outputs":{}}`}},
	"output named $return":             {{Answer: `{"ReturnValue":"x"}`}, {Answer: `{"Outputs":{"$return":"x"}}`}, {Answer: `{}`}},
	"binding retry":                    {{Answer: "no", Status: 500}},
	"host.json retry":                  {{Answer: "no", Status: 500}},
	"jobhost override functionTimeout": {{Answer: "{}", Sleep: 20_000}},
}

// urls are the addresses of the case urls. They have the keys of the recorded
// posts: the system key, a wrong key, the master key and a function key.
func urls(t *testing.T, p *platform.Platform) []string {
	t.Helper()
	keys, err := host.OpenKeys(filepath.Join(p.Data(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	const path = "/runtime/webhooks/EventGrid"
	system := "code=" + keys.EventGrid
	return []string{
		path + "?functionName=One&" + system,
		strings.ToLower(path) + "?functionName=One&" + system,
		path + "?functionname=One&" + system,
		path + "/?FUNCTIONNAME=One&" + system,
		"/runtime/webhooks/Other?functionName=One&" + system,
		path + "?functionName=One",
		path + "?functionName=One&code=wrong",
		path + "?functionName=One&code=" + keys.Master,
		path + "?functionName=One&code=" + keys.Function,
		path + "?" + system,
		path + "?functionName=&" + system,
		path + "?functionName=One&functionName=Two&" + system,
		path + "?" + strings.ToUpper("code") + "=" + keys.EventGrid + "&functionName=One",
		path + "?functionName=Host.Functions.One&" + system,
		path + "?functionName=One&" + system + "&clientId=x",
	}
}

// refused are the cases in which devhost does not start. It names the fault.
// The host of the first ones ends, or answers 503 to everything. That of the
// last three runs, but no invocation can succeed.
var refused = map[string]string{
	"customHandler type http, no description": "host.json: customHandler.description is missing: it names the program to start",
	"no customHandler":                        "host.json: customHandler.description is missing: it names the program to start",
	"bundle [3.*, 4.0.0)":                     `host.json: extensionBundle.version is "[3.*, 4.0.0)": bundles below 4`,
	"version missing":                         `host.json: version must be "2.0"`,
	"no host.json":                            "it has no host.json",
	"functionTimeout bad":                     `host.json: functionTimeout must be a time such as "00:05:00"`,
	"jobhost override of executable":          "can't open file 'nope.py'",

	"no extensionBundle":        "host.json: extensionBundle.id is missing",
	"executable missing":        "bin/nope: no such file or directory",
	"executable not executable": "permission denied",
}

// The Functions host's result for each app is also devhost's.
func TestConfigurations(t *testing.T) {
	text, err := os.ReadFile("../../testdata/host/configuration.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Host  jsontext.Value `json:"host.json unless given"`
		Cases []recordedApp  `json:"cases"`
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.Cases) != 65 {
		t.Fatalf("%d cases", len(recorded.Cases))
	}
	for _, c := range recorded.Cases {
		t.Run(c.Case, func(t *testing.T) {
			t.Parallel()
			folder := c.write(t, recorded.Host)
			said := new(testkit.Log)
			p, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Environ: os.Environ(), Log: said.Logger(), Keys: c.Case == "urls"})
			if want := refused[c.Case]; want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer p.Stop()
			_ = c.Real.Functions.Compact()
			if diff := cmp.Diff(c.Real, c.run(t, p, said)); diff != "" {
				t.Errorf("%s\n%s", diff, said)
			}
			if strings.Contains(said.String(), "is in error") != c.inError() {
				t.Errorf("the functions in error are not logged:\n%s", said)
			}
		})
	}
}

// inError reports whether the host logged that a function is in error.
func (c recordedApp) inError() bool {
	return slices.Contains([]string{
		"function.json broken", "scriptFile missing file", "unknown binding type", "two outputs of one name", "two triggers", "no trigger", "bad name", "cardinality bad",
	}, c.Case)
}

// write writes the app's folder. The handler is the test program. Like Python it
// ends if its first argument does not exist.
func (c recordedApp) write(t *testing.T, host jsontext.Value) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	settings := map[string]string{
		envPlay: "1", "GOCOVERDIR": root, "FUNCTIONS_WORKER_RUNTIME": "custom",
		"AzureWebJobsStorage": "UseDevelopmentStorage=true", "Store": "UseDevelopmentStorage=true",
	}
	for name, value := range c.Given.Settings {
		settings[name] = value
	}
	for _, name := range c.Given.Without {
		delete(settings, name)
	}
	values, err := json.Marshal(map[string]any{"Values": settings})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"local.settings.json": string(values), "echo.py": "",
		"python3": "#!/bin/sh\n[ -f \"$1\" ] || { echo \"can't open file '$1'\" >&2; exit 2; }\nexec '" + program + "'\n",
	}
	if c.Given.Host != nil {
		host = c.Given.Host
	}
	for name, content := range c.Given.Files {
		files[name] = content
	}
	for name, content := range c.Given.Functions {
		// The test's handler finds its orders in events.
		files[name+"/function.json"] = eventName.ReplaceAllString(verbatim(t, content), `"name":"${1}s"`)
	}
	if host.Kind() != jsontext.KindNull {
		files["host.json"] = verbatim(t, host)
	}
	for name, text := range files {
		mode := os.FileMode(0o600)
		if name == "python3" {
			mode = 0o700
		}
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), mode)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var eventName = regexp.MustCompile(`"name":\s*"([Ee]vent)"`)

// verbatim returns JSON, or the content of a file that is not JSON.
func verbatim(t *testing.T, content jsontext.Value) string {
	t.Helper()
	var text string
	if content.Kind() != jsontext.KindString {
		return string(content)
	}
	if err := json.Unmarshal(content, &text); err != nil {
		t.Fatal(err)
	}
	return text
}

// run does with an app what was done with it on the host.
func (c recordedApp) run(t *testing.T, p *platform.Platform, said *testkit.Log) configured {
	t.Helper()
	var got configured
	posted := func(status int, body string) { got.Posts = append(got.Posts, answer{status, body}) }
	usual := order{Answer: `{"Outputs":{"q":"x"}}`, Stdout: "called"}
	switch {
	case c.Case == "urls":
		for _, url := range urls(t, p) {
			posted(post(t, p.URL()+url, map[string]string{"aeg-event-type": "Notification"}, events(t, usual)))
		}
	case c.Case == "admin":
		event := strings.Trim(string(events(t, usual)), "[]")
		for function, input := range map[string]string{"One": event, "Two": "[" + event + "]"} {
			body, _ := json.Marshal(map[string]string{"input": input})
			posted(post(t, p.URL()+"/admin/functions/"+function, map[string]string{"Content-Type": "application/json"}, body))
		}
		for _, body := range []string{``, `{}`, `{"input":null}`, `{"input":7}`, `{"input":"{"}`, `{"input":""}`, `not JSON`} {
			posted(post(t, p.URL()+"/admin/functions/One", map[string]string{"Content-Type": "application/json"}, []byte(body)))
		}
	default:
		given := orders[c.Case]
		for _, o := range given {
			o.Stdout = usual.Stdout
			posted(deliver(t, p, "One", o))
		}
		for _, name := range []string{"One", "Two"} {
			if _, ok := c.Given.Functions[name]; ok && given == nil {
				posted(deliver(t, p, name, usual))
			}
		}
	}
	said.Wait(t, "handler: called", c.Real.HandlerCalls)
	got.HandlerCalls = strings.Count(said.String(), "handler: called")

	var status struct {
		State string `json:"state"`
	}
	master := ""
	if keys, err := host.OpenKeys(filepath.Join(p.Data(), "keys.json")); c.Case == "urls" && err == nil {
		master = "?code=" + keys.Master
	}
	getJSON(t, p.URL()+"/admin/host/status"+master, &status)
	got.Host = status.State
	var listed []struct {
		Name     string `json:"name"`
		Disabled bool   `json:"isDisabled"`
	}
	getJSON(t, p.URL()+"/admin/functions"+master, &listed)
	pairs := [][2]any{}
	for _, f := range listed {
		pairs = append(pairs, [2]any{f.Name, f.Disabled})
	}
	got.Functions, _ = json.Marshal(pairs)
	return got
}

func getJSON(t *testing.T, url string, value any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		t.Fatal(err)
	}
}
