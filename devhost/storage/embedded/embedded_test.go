package embedded_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/storage/storagetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
func open(t *testing.T, root string) *embedded.Storage {
	t.Helper()
	s, err := embedded.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOnlyTheOwnerCanRead(t *testing.T) {
	root := filepath.Join(t.TempDir(), "storage")
	s := open(t, root)
	must(t, s.Enqueue(t.Context(), "my-queue", nil))
	must(t, s.PutBlob(t.Context(), "my-blobs", "a/b", nil))
	must(t, s.Write(t.Context(), "T01", []storage.Change{{Row: storage.Row{PartitionKey: "p", RowKey: "r"}}}))
	files := 0
	must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		info, _ := os.Stat(path)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if !entry.IsDir() {
			files++
		}
		return err
	}))
	if files != 3 {
		t.Errorf("%d files", files)
	}
}

// What a run that was killed had not written whole is removed, but nothing that
// another may be writing.
func TestWhatWasNotWrittenIsRemoved(t *testing.T) {
	root := t.TempDir()
	old, fresh := filepath.Join(root, ".writing-1"), filepath.Join(root, ".writing-2")
	must(t, os.WriteFile(old, nil, 0o600))
	must(t, os.WriteFile(fresh, nil, 0o600))
	must(t, os.Chtimes(old, time.Time{}, time.Now().Add(-time.Hour)))
	open(t, root)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("what was left is still there: %v", err)
	}
	_, err := os.Stat(fresh)
	must(t, err)
}

func TestStorage(t *testing.T) {
	storagetest.Run(t, open(t, t.TempDir()))
}

// What is written is there after a restart, in files that people can read.
func TestTree(t *testing.T) {
	root := t.TempDir()
	for i, text := range []string{`{"n":1}`, "plain", ""} {
		s := open(t, root)
		must(t, s.Enqueue(t.Context(), "my-queue", []byte(text)))
		if messages, err := s.Messages(t.Context(), "my-queue"); err != nil || len(messages) != i+1 {
			t.Fatal(messages, err)
		}
	}
	s := open(t, root)
	row := storage.Row{PartitionKey: "p|1", RowKey: "..", Columns: []storage.Column{{Name: "N", Type: storage.Int64, Value: int64(7)}}}
	must(t, s.Write(t.Context(), "T01", []storage.Change{{Row: row}}))
	must(t, s.PutBlob(t.Context(), "my-blobs", "../../../etc/passwd", []byte("x")))
	var files []string
	for _, pattern := range []string{"queues/my-queue/*.json", "tables/T01/*/*.json", "blobs/my-blobs/*/*/*/*/*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		must(t, err)
		for _, file := range found {
			name, _ := filepath.Rel(root, file)
			if filepath.Dir(name) == "queues/my-queue" {
				name = "queues/my-queue/…"
			}
			files = append(files, name)
		}
	}
	want := []string{"queues/my-queue/…", "tables/T01/p%7C1/%2E%2E.json", "blobs/my-blobs/%2E%2E/%2E%2E/%2E%2E/etc/passwd"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
}

func TestQueueOfText(t *testing.T) {
	s := open(t, t.TempDir())
	s.QueueText = true
	must(t, s.Enqueue(t.Context(), "my-queue", make([]byte, 64<<10)))
}
