package prove_test

import (
	"bufio"
	"encoding/json/v2"
	"io"
	"os"
	"os/exec"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// The functions of the app.
const (
	receiver = "AdvancedMessageTrigger"
	statuses = "StatusTrigger"
	webhooks = "WebhookTrigger"
)

// handler is a running handler without a host.
type handler struct {
	address string
	command *exec.Cmd
	stderr  *testkit.Buffer
}

// startHandler starts the handler with an app folder and waits until it
// listens.
func startHandler(t testing.TB, app string, environ ...string) *handler {
	t.Helper()
	h := &handler{command: exec.Command(testkit.InstallHandler(t, app)), stderr: new(testkit.Buffer)}
	h.command.Env = append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0", "FUNCTIONS_APP_ROOT_PATH="+app, "FUNCTIONS_CUSTOMHANDLER_WORKER_ID=prove")
	h.command.Env = append(h.command.Env, environ...)
	h.command.Stderr = h.stderr
	stdout, err := h.command.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, h.command.Start())
	t.Cleanup(func() {
		_ = h.command.Process.Kill()
		_ = h.command.Wait()
	})
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	testkit.Must(t, err)
	var listening struct {
		Address string `json:"address"`
	}
	testkit.Must(t, json.Unmarshal([]byte(first), &listening))
	h.address = listening.Address
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return h
}
