package durable_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"whatsapp-functions/devhost/durable"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	root := filepath.Join(t.TempDir(), "new")
	folder, err := durable.Open(root)
	must(t, err)
	file := folder.Path("a", "b.json")
	must(t, folder.Write(file, []byte("old")))
	must(t, folder.Write(file, []byte("new")))
	if text, err := os.ReadFile(file); string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	for _, path := range []string{root, filepath.Dir(file), file} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
	if err := folder.Write(folder.Path("a", "b.json", "c"), nil); err == nil {
		t.Error("a file below a file is written")
	}
	entries, err := os.ReadDir(root)
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("%d entries in the root, want 1", len(entries))
	}
}

func TestOpenRemovesUnfinishedFiles(t *testing.T) {
	root := t.TempDir()
	old, fresh := filepath.Join(root, ".writing-1"), filepath.Join(root, ".writing-2")
	must(t, os.WriteFile(old, nil, 0o600))
	must(t, os.WriteFile(fresh, nil, 0o600))
	must(t, os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	_, err := durable.Open(root)
	must(t, err)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old file is still there: %v", err)
	}
	_, err = os.Stat(fresh)
	must(t, err)
}
