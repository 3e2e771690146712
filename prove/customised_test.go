package prove_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/prove"
)

// TestCustomisedApp checks that the tests pass in an app whose bindings were
// changed as the documentation describes: statusUpdates added, failedMessages
// removed, and Service Bus instead of a queue.
func TestCustomisedApp(t *testing.T) {
	testkit.Long(t, "runs the tests again in a copy of the repository")
	copied := t.TempDir()
	testkit.Must(t, prove.CopyRepository(testkit.Root(t), copied))
	customise(t, copied, receiver, testkit.WithoutBinding(receiver, "inboundMessages"),
		testkit.WithBinding(receiver, `{"type":"serviceBus","direction":"out","name":"inboundMessages","queueName":"inbound-messages","connection":"ServiceBus"}`))
	customise(t, copied, statuses, testkit.WithoutBinding(statuses, "failedMessages"),
		testkit.WithBinding(statuses, `{"type":"queue","direction":"out","name":"statusUpdates","queueName":"status-updates","connection":"ConversationStorage"}`))
	command := exec.CommandContext(t.Context(), "go", "test", "-short", "./handler/...", "./infra", "./devhost/app", "./redeliver", "./release", "./schema")
	command.Dir = copied
	command.Env = append(os.Environ(), "CI=") // the copy has no npm packages
	if text, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, text)
	}
}

// customise edits a function.json of the repository's copy.
func customise(t *testing.T, root, function string, edits ...testkit.Edit) {
	t.Helper()
	name := function + "/function.json"
	file := filepath.Join(root, filepath.FromSlash(name))
	text, err := os.ReadFile(file)
	testkit.Must(t, err)
	files := map[string]string{name: string(text)}
	for _, edit := range edits {
		edit(t, files)
	}
	if strings.TrimSpace(files[name]) == strings.TrimSpace(string(text)) {
		t.Fatalf("%s was not changed", name)
	}
	testkit.Must(t, os.WriteFile(file, []byte(files[name]), 0o644))
}
