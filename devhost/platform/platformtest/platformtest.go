// Package platformtest runs the app for tests of what is around it.
package platformtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/worker"
)

// files are those of the app that a host and Event Grid read.
var files = []string{"host.json", "local.settings.json", "AdvancedMessageTrigger/function.json", "StatusTrigger/function.json", platform.SubscriptionsFile}

// Start runs a copy of the app of a repository until the test ends. Its outputs
// go to storage: see [platform.Options].
func Start(t testing.TB, repository, storage string) *platform.Platform {
	t.Helper()
	folder := t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "bin", "handler"), "./handler")
	build.Dir = repository
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	running, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Storage: storage, Environ: os.Environ(), Console: console{t}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}

// console passes on what is wrong.
type console struct {
	t testing.TB
}

func (c console) Line(worker.Line) {}

func (c console) Done(result host.Result) {
	if result.Err != nil {
		c.t.Logf("%s: %v", result.Call.Function, result.Err)
	}
}

func (c console) Say(level worker.Level, text string) {
	if level != worker.Information {
		c.t.Logf("%s: %s", level, text)
	}
}
