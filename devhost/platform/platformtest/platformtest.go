// Package platformtest runs the app under devhost, inside the test program.
package platformtest

import (
	"os"
	"testing"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/worker"
	"whatsapp-functions/internal/testkit"
)

// Start runs the app of [testkit.AppFolder] until the test ends. Its outputs go
// to storage: see [platform.Options].
func Start(t testing.TB, storage string, edits ...testkit.Edit) *platform.Platform {
	t.Helper()
	folder := testkit.AppFolder(t, edits...)
	testkit.InstallHandler(t, folder)
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
