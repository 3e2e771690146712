package platform_test

import (
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The test program plays a handler that does what the events say.
const envPlay = "PLATFORM_TEST_HANDLER"

func TestMain(m *testing.M) {
	if os.Getenv(envPlay) == "" {
		os.Exit(m.Run())
	}
	fmt.Println("arguments:", strings.Join(os.Args[1:], "|"))
	if started := os.Getenv("COUNT_STARTS"); started != "" {
		file, _ := os.OpenFile(started, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		_, _ = file.WriteString("x")
		_ = file.Close()
	}
	if code := os.Getenv("EXIT_AT_START"); code != "" {
		exit(code)
	}
	if os.Getenv("PRINT_SETTINGS") != "" {
		for _, variable := range os.Environ() {
			fmt.Println("setting", variable)
		}
	}
	http.HandleFunc("/", play)
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"), nil))
}

func exit(code string) {
	var n int
	_, _ = fmt.Sscan(code, &n)
	os.Exit(n)
}

// order is an event's data: what the handler must do.
type order struct {
	// Answer is the body, with Status and Type; Type "-" sends none.
	Answer string `json:"answer,omitzero"`
	Status int    `json:"status,omitzero"`
	Type   string `json:"type,omitzero"`
	// Stdout and Stderr are lines to write.
	Stdout string `json:"stdout,omitzero"`
	Stderr string `json:"stderr,omitzero"`
	// Exit ends the process with this code.
	Exit string `json:"exit,omitzero"`
	// Sleep is how many milliseconds to wait.
	Sleep int `json:"sleep,omitzero"`
	// Echo answers with the request's body as the output queue.
	Echo bool `json:"echo,omitzero"`
	// Redirect answers with this status and a place where {} is answered.
	Redirect int `json:"redirect,omitzero"`
	// Cut breaks the answer off.
	Cut bool `json:"cut,omitzero"`
	// FailFirst fails as long as the retry count is below it.
	FailFirst int `json:"failFirst,omitzero"`
}

func play(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" || r.URL.Path == "/elsewhere" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"Outputs":{"queue":["from `+r.Method+` elsewhere"]}}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var request struct {
		Data     struct{ Events any }
		Metadata struct {
			RetryContext struct{ RetryCount int }
		}
	}
	_ = json.Unmarshal(body, &request, json.MatchCaseInsensitiveNames(true))
	first := request.Data.Events
	if text, ok := first.(string); ok {
		var inner any
		_ = json.Unmarshal([]byte(text), &inner)
		first = inner
	}
	if events, ok := first.([]any); ok && len(events) > 0 {
		first = events[0]
	}
	var o order
	if event, ok := first.(map[string]any); ok {
		text, _ := json.Marshal(event["data"])
		_ = json.Unmarshal(text, &o)
	}
	if o.Stdout != "" {
		fmt.Println(o.Stdout)
	}
	if o.Stderr != "" {
		fmt.Fprintln(os.Stderr, o.Stderr)
	}
	time.Sleep(time.Duration(o.Sleep) * time.Millisecond)
	if o.Exit != "" {
		exit(o.Exit)
	}
	if request.Metadata.RetryContext.RetryCount < o.FailFirst {
		http.Error(w, "not yet", http.StatusInternalServerError)
		return
	}
	if o.Redirect != 0 {
		http.Redirect(w, r, "/elsewhere", o.Redirect)
		return
	}
	if o.Echo {
		text, _ := json.Marshal([]string{fmt.Sprint(r.TransferEncoding), string(body)})
		o.Answer = `{"Outputs":{"queue":` + string(text) + `}}`
	}
	switch o.Type {
	case "":
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	case "-":
	default:
		w.Header().Set("Content-Type", o.Type)
	}
	if o.Cut {
		w.Header().Set("Content-Length", "1000")
	}
	if o.Status != 0 {
		w.WriteHeader(o.Status)
	}
	_, _ = io.WriteString(w, o.Answer)
}

// playApp is an app folder whose handler is this program. Its function F takes
// one event at a time, M many; both have the outputs queue, table and blob.
// edit may change a file's text.
func playApp(t *testing.T, settings map[string]string, edit func(file, text string) string) string {
	t.Helper()
	root := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{envPlay: "1", "GOCOVERDIR": root, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
	for name, value := range settings {
		values[name] = value
	}
	text, err := json.Marshal(map[string]any{"Values": values})
	if err != nil {
		t.Fatal(err)
	}
	outputs := `{"type":"queue","direction":"out","name":"queue","queueName":"my-queue","connection":"AzureWebJobsStorage"},
		{"type":"table","direction":"out","name":"table","tableName":"MyTable","connection":"AzureWebJobsStorage"},
		{"type":"blob","direction":"out","name":"blob","path":"my-blobs/{rand-guid}","connection":"AzureWebJobsStorage"}`
	files := map[string]string{
		"host.json": `{"version":"2.0","functionTimeout":"00:00:02","extensionBundle":{"id":"b","version":"[4.*, 5.0.0)"},
			"customHandler":{"initializationTimeout":"00:00:05","description":{"defaultExecutablePath":"` + program + `"}}}`,
		"local.settings.json": string(text),
		"F/function.json":     `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"events"},` + outputs + `]}`,
		"M/function.json":     `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"events","cardinality":"many"},` + outputs + `]}`,
	}
	for name, text := range files {
		if edit != nil {
			text = edit(name, text)
		}
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
