package prove_test

import (
	"bufio"
	"encoding/json/v2"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/prove"
)

const (
	repository = ".."

	receiver = "AdvancedMessageTrigger"
	statuses = "StatusTrigger"
)

// programs are the app's two, built once as they ship.
var programs = sync.OnceValues(func() (string, error) {
	// What is looked at here go test takes into account: without, it would
	// remember that these tests have passed, whatever has changed since in
	// the programs.
	for _, folder := range []string{"handler", "devhost"} {
		if err := filepath.WalkDir(filepath.Join(repository, folder), func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			return "", err
		}
	}
	directory, err := os.MkdirTemp("", "prove")
	if err != nil {
		return "", err
	}
	command := exec.Command("go", "build", "-trimpath", "-o", directory+"/", "./handler", "./devhost")
	command.Dir = repository
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, text)
	}
	return directory, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if directory, err := programs(); err == nil {
		_ = os.RemoveAll(directory)
	}
	os.Exit(code)
}

func program(t testing.TB, name string) string {
	t.Helper()
	directory, err := programs()
	must(t, err)
	return filepath.Join(directory, name)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func number(t testing.TB, s prove.Setting, otherwise int) int {
	t.Helper()
	n, err := s.Number(otherwise)
	must(t, err)
	return n
}

// appFolder copies the app elsewhere, with the handler in its place. edit may
// change a file's text.
func appFolder(t testing.TB, edit func(file, text string) string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range []string{"host.json", "local.settings.json", receiver + "/function.json", statuses + "/function.json", platform.SubscriptionsFile} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		must(t, err)
		if edit != nil {
			text = []byte(edit(file, string(text)))
		}
		target := filepath.Join(root, file)
		must(t, os.MkdirAll(filepath.Dir(target), 0o755))
		must(t, os.WriteFile(target, text, 0o644))
	}
	must(t, os.Mkdir(filepath.Join(root, "bin"), 0o755))
	// A link of its own tells this handler from those of other tests.
	must(t, os.Link(program(t, "handler"), filepath.Join(root, "bin", "handler")))
	return root
}

// withStatusUpdates binds the output that is only offered, too.
func withStatusUpdates(file, text string) string {
	if !strings.HasPrefix(file, statuses) {
		return text
	}
	return strings.Replace(text, `"bindings": [`, `"bindings": [
    {"type": "queue", "direction": "out", "name": "statusUpdates", "queueName": "status-updates", "connection": "ConversationStorage"},`, 1)
}

// handler is a handler that runs, alone.
type handler struct {
	address string
	command *exec.Cmd
	stderr  *output
}

// startHandler starts the handler of an app folder and waits until it listens.
func startHandler(t testing.TB, root string, environ ...string) *handler {
	t.Helper()
	h := &handler{command: exec.Command(filepath.Join(root, "bin", "handler")), stderr: new(output)}
	h.command.Env = append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0", "FUNCTIONS_APP_ROOT_PATH="+root, "FUNCTIONS_CUSTOMHANDLER_WORKER_ID=prove")
	h.command.Env = append(h.command.Env, environ...)
	h.command.Stderr = h.stderr
	stdout, err := h.command.StdoutPipe()
	must(t, err)
	must(t, h.command.Start())
	t.Cleanup(func() {
		_ = h.command.Process.Kill()
		_ = h.command.Wait()
	})
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	must(t, err)
	var listening struct {
		Address string `json:"address"`
	}
	must(t, json.Unmarshal([]byte(first), &listening))
	h.address = listening.Address
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return h
}

// output is a buffer for several goroutines.
type output struct {
	mu  sync.Mutex
	all strings.Builder
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

// waitUntil waits, but not for ever.
func waitUntil(t testing.TB, what string, limit time.Duration, done func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("in %s it did not come to this: %s", limit, what)
}
