package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Root returns the repository's folder: the nearest one above the test's folder
// that has a go.mod.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("the test does not run inside the repository: no go.mod above its folder")
		}
		folder = parent
	}
}
