package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rogpeppe/go-internal/testscript"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

const repository = ".."

// envMain makes the test program be devhost.
const envMain = "DEVHOST_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(envMain) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"devhost": main})
}

// appFolder makes an app folder with the handler. edit may change a file's text.
func appFolder(t *testing.T, edit func(file, text string) string) string {
	t.Helper()
	folder := testkit.AppFolder(t, func(_ testing.TB, files map[string]string) {
		for file, text := range files {
			if edit != nil {
				files[file] = edit(file, text)
			}
		}
	})
	testkit.InstallHandler(t, folder)
	return folder
}

// changed changes one text in one file, which must be there.
func changed(t *testing.T, in, old, new string) func(file, text string) string {
	return func(file, text string) string {
		if file != in {
			return text
		}
		if !strings.Contains(text, old) {
			t.Fatalf("there is no %s in %s", old, file)
		}
		return strings.Replace(text, old, new, 1)
	}
}

// cardinality rewrites function.json.
func cardinality(value string) func(file, text string) string {
	return func(file, text string) string {
		return strings.Replace(text, `"cardinality": "many"`, `"cardinality": "`+value+`"`, 1)
	}
}

// output is a buffer for several goroutines.
type output = testkit.Buffer

// environ is the environment of a devhost under test: that of the test,
// without what a handler would take for its own.
func environ() []string {
	return append(os.Environ(), "HANDLER_LOG_LEVEL=debug")
}

// serve serves an app folder, with some storage, until the test ends.
func serve(t *testing.T, folder, store string) (*platform.Platform, *output) {
	t.Helper()
	shown := new(output)
	p, err := platform.Start(t.Context(), platform.Options{
		Folder: folder, Address: "127.0.0.1:0", Storage: store, Environ: environ(), Log: newLog(shown),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, shown
}

// newLog returns a log in the form that devhost uses without a terminal.
func newLog(out io.Writer) zerolog.Logger {
	return new(program).log(newConsole(out, nil))
}

// deliver posts a delivery to a function and returns the status.
func deliver(t *testing.T, p *platform.Platform, function string, body []byte) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Webhook(function), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("aeg-event-type", "Notification")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// waitFor waits until something is shown.
func waitFor(t *testing.T, shown *output, text string) {
	t.Helper()
	shown.WaitFor(t, text)
}
