package platform_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// otherApp is an app folder as of [playApp] whose functions are named G and N.
// edit may change the text of a file.
func otherApp(t *testing.T, edit func(file, text string) string) string {
	t.Helper()
	root := playApp(t, nil, edit)
	for before, after := range map[string]string{"F": "G", "M": "N"} {
		testkit.Must(t, os.Rename(filepath.Join(root, before), filepath.Join(root, after)))
	}
	return root
}

// The apps share storage and address. Each is restarted by itself.
func TestAppBesideAnother(t *testing.T) {
	t.Parallel()
	other := otherApp(t, nil)
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil), With: []string{other}})
	for _, function := range []string{"F", "G"} {
		if status, _ := deliver(t, p, function, order{Answer: `{"Outputs":{"queue":["of ` + function + `"]}}`}); status != http.StatusAccepted {
			t.Errorf("%s: status %d", function, status)
		}
	}
	if got := strings.Join(queue(t, p), ", "); got != "of F, of G" {
		t.Errorf("the queue has %s", got)
	}
	if status, _, body := get(t, p.URL()+"/admin/functions"); status != http.StatusOK || !strings.Contains(body, `"F"`) || !strings.Contains(body, `"N"`) {
		t.Errorf("%d %s", status, body)
	}

	said.Wait(t, started, 2)
	if status, _ := deliver(t, p, "G", order{Exit: "7"}); status != http.StatusInternalServerError {
		t.Errorf("status %d", status)
	}
	said.Wait(t, started, 3)
	testkit.Must(t, os.Chtimes(filepath.Join(other, "host.json"), time.Time{}, time.Now().Add(time.Second)))
	said.Wait(t, "host.json has changed: restarting the host", 1)
	said.Wait(t, started, 4)
	for _, function := range []string{"F", "G"} {
		if status, _ := deliver(t, p, function, order{Answer: `{}`}); status != http.StatusAccepted {
			t.Errorf("%s after the restart: status %d", function, status)
		}
	}
	if n := strings.Count(said.String(), started); n != 4 {
		t.Errorf("%d starts: the first app is not restarted with the other one", n)
	}
}

// HTTP functions of both apps are served.
func TestRoutesOfTwoApps(t *testing.T) {
	t.Parallel()
	other := otherApp(t, nil)
	testkit.Must(t, os.WriteFile(filepath.Join(other, "N", "function.json"), []byte(strings.ReplaceAll(httpBindings, "hook", "other")), 0o600))
	first := playApp(t, nil, nil)
	testkit.Must(t, os.WriteFile(filepath.Join(first, "M", "function.json"), []byte(httpBindings), 0o600))
	p, _ := start(t, platform.Options{Folder: first, With: []string{other}})
	// The handlers answer without the output response: the function fails.
	const called = http.StatusInternalServerError
	for path, want := range map[string]int{"/api/hook": called, "/api/other": called, "/api/none": http.StatusNotFound} {
		if status := request(t, http.MethodGet, p.URL()+path, ""); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

func TestAppsThatCollide(t *testing.T) {
	t.Parallel()
	first := playApp(t, nil, nil)
	testkit.Must(t, os.WriteFile(filepath.Join(first, "M", "function.json"), []byte(httpBindings), 0o600))
	route := otherApp(t, nil)
	testkit.Must(t, os.WriteFile(filepath.Join(route, "G", "function.json"), []byte(httpBindings), 0o600))
	encoding := otherApp(t, func(_, text string) string {
		return strings.Replace(text, `"version":"2.0",`, `"version":"2.0","extensions":{"queues":{"messageEncoding":"none"}},`, 1)
	})
	for name, test := range map[string]struct{ folder, want string }{
		"the name of a function": {playApp(t, nil, nil), "both have the function F"},
		"a route":                {route, `have the same route "hook"`},
		"queue messages":         {encoding, "differ in extensions.queues.messageEncoding"},
		"no app":                 {t.TempDir(), "host.json"},
	} {
		_, err := platform.Start(t.Context(), platform.Options{Folder: first, With: []string{test.folder}, Address: "127.0.0.1:0", Environ: os.Environ()})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With Once, the platform ends with the host of any app.
func TestOneHostOfTwoEnds(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil), With: []string{otherApp(t, nil)}, Once: true})
	for i := range 3 {
		said.Wait(t, started, 2+i)
		_, _ = deliver(t, p, "G", order{Exit: "7"})
	}
	select {
	case <-p.Ended():
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), "crashed three times") {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("the platform still runs")
	}
}
