package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rogpeppe/go-internal/testscript"

	"whatsapp-functions/devhost/platform"
)

const repository = ".."

// unpacked is the folder of what is deployed, unpacked: what ships is what is
// tested. It is built for this machine, and once.
var unpacked = sync.OnceValues(func() (string, error) {
	// What is looked at here go test takes into account: without, it would
	// remember that these tests have passed, whatever has changed since in
	// the handler.
	if err := filepath.WalkDir("../handler", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "release")
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "app.zip")
	command := exec.Command("go", "run", "../release", "--app", repository, "--os", runtime.GOOS, "--arch", runtime.GOARCH, "--out", file)
	if text, err := command.CombinedOutput(); err != nil {
		return folder, fmt.Errorf("%w: %s", err, text)
	}
	return folder, unzip(file, folder)
})

// unzip unpacks with the modes that the archive says, as Azure does.
func unzip(file, folder string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, packed := range archive.File {
		content, err := fs.ReadFile(archive, packed.Name)
		if err != nil {
			return err
		}
		target := filepath.Join(folder, filepath.FromSlash(packed.Name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, packed.Mode()); err != nil {
			return err
		}
	}
	return nil
}

// envMain makes the test program be devhost.
const envMain = "DEVHOST_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(envMain) != "" {
		main()
	}
	testscript.Main(tests{m}, map[string]func(){"devhost": main})
}

// tests remove the unpacked release when they are done.
type tests struct{ *testing.M }

func (t tests) Run() int {
	code := t.M.Run()
	if folder, _ := unpacked(); folder != "" {
		_ = os.RemoveAll(folder)
	}
	return code
}

// shipped are the files that the host reads of what is deployed; local are
// those that devhost reads besides.
var (
	shipped = []string{"host.json", "AdvancedMessageTrigger/function.json", "StatusTrigger/function.json"}
	local   = []string{"local.settings.json", platform.SubscriptionsFile}
)

// appFolder copies what is deployed elsewhere, with what devhost needs. edit
// may change a file's text.
func appFolder(t *testing.T, edit func(file, text string) string) string {
	t.Helper()
	root := t.TempDir()
	release, err := unpacked()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Concat(shipped, local) {
		from := repository
		if slices.Contains(shipped, file) {
			from = release
		}
		text, err := os.ReadFile(filepath.Join(from, file))
		if err != nil {
			t.Fatal(err)
		}
		if edit != nil {
			text = []byte(edit(file, string(text)))
		}
		target := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(release, "bin", "handler"), filepath.Join(root, "bin", "handler")); err != nil {
		t.Fatal(err)
	}
	return root
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
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

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

// newLog is the log as it is where there is no terminal.
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
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !strings.Contains(shown.String(), text) {
		if ctx.Err() != nil {
			t.Fatalf("%q is not shown:\n%s", text, shown)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
