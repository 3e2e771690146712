package testkit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

func read(t *testing.T, app, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(app, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEditsOfAnAppFolder(t *testing.T) {
	app := testkit.AppFolder(t,
		testkit.Replace("StatusTrigger/function.json", `"many"`, `"one"`),
		testkit.WithoutBinding("StatusTrigger", "failedMessages"),
		testkit.WithBinding("StatusTrigger", `{"type":"queue","direction":"out","name":"statusUpdates"}`),
		testkit.Remove("local.settings.json"),
		testkit.Write("Other/function.json", "{}"),
	)
	statuses := read(t, app, "StatusTrigger/function.json")
	for text, want := range map[string]bool{`"one"`: true, "failedMessages": false, "statusUpdates": true, "rejectedEvents": true} {
		if got := strings.Contains(statuses, text); got != want {
			t.Errorf("function.json contains %s: %t\n%s", text, got, statuses)
		}
	}
	if _, err := os.Stat(filepath.Join(app, "local.settings.json")); err == nil {
		t.Error("local.settings.json was not removed")
	}
	if got := read(t, app, "Other/function.json"); got != "{}" {
		t.Errorf("Other/function.json is %q", got)
	}
}

func TestHandlersOfTwoAppFoldersAreTwoFiles(t *testing.T) {
	first := testkit.InstallHandler(t, testkit.AppFolder(t))
	second := testkit.InstallHandler(t, testkit.AppFolder(t))
	info, err := os.Stat(first)
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Fatalf("the handler cannot be run: %v %v", info, err)
	}
	if first == second {
		t.Errorf("both handlers are %s", first)
	}
}

func TestBuffer(t *testing.T) {
	var b testkit.Buffer
	go func() {
		for _, text := range []string{"host ", "is ", "ready\n"} {
			_, _ = b.Write([]byte(text))
		}
	}()
	b.WaitFor(t, "is ready")
	if b.String() != "host is ready\n" {
		t.Errorf("the buffer contains %q", b.String())
	}
}
