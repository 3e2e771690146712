// Package platformtest runs the app under devhost, inside the test program.
package platformtest

import (
	"os"
	"testing"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// Start runs the app of [testkit.AppFolder] until the test ends. Its outputs go
// to storage: see [platform.Options].
func Start(t testing.TB, storage string, edits ...testkit.Edit) *platform.Platform {
	t.Helper()
	folder := testkit.AppFolder(t, edits...)
	testkit.InstallHandler(t, folder)
	running, err := platform.Start(t.Context(), platform.Options{Folder: folder, Address: "127.0.0.1:0", Storage: storage, Environ: os.Environ(), Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}
