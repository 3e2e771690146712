package durable_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"whatsapp-functions/devhost/durable"
	"whatsapp-functions/internal/testkit"
)

func TestWrite(t *testing.T) {
	root := filepath.Join(t.TempDir(), "new")
	folder, err := durable.Open(root)
	testkit.Must(t, err)
	file := folder.Path("a", "b.json")
	testkit.Must(t, folder.Write(file, []byte("old")))
	testkit.Must(t, folder.Write(file, []byte("new")))
	if text, err := os.ReadFile(file); string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	for _, path := range []string{root, filepath.Dir(file), file} {
		info, err := os.Stat(path)
		testkit.Must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
	if err := folder.Write(folder.Path("a", "b.json", "c"), nil); err == nil {
		t.Error("a file below a file is written")
	}
	entries, err := os.ReadDir(root)
	testkit.Must(t, err)
	if len(entries) != 1 {
		t.Errorf("%d entries in the root, want 1", len(entries))
	}
}

func TestOpenRemovesUnfinishedFiles(t *testing.T) {
	root := t.TempDir()
	old, fresh := filepath.Join(root, ".writing-1"), filepath.Join(root, ".writing-2")
	testkit.Must(t, os.WriteFile(old, nil, 0o600))
	testkit.Must(t, os.WriteFile(fresh, nil, 0o600))
	testkit.Must(t, os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	_, err := durable.Open(root)
	testkit.Must(t, err)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old file is still there: %v", err)
	}
	_, err = os.Stat(fresh)
	testkit.Must(t, err)
}
