package embedded_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/storage/storagetest"
	"whatsapp-functions/internal/testkit"
)

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
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", nil))
	testkit.Must(t, s.PutBlob(t.Context(), "my-blobs", "a/b", nil))
	testkit.Must(t, s.Write(t.Context(), "T01", []storage.Change{{Row: storage.Row{PartitionKey: "p", RowKey: "r"}}}))
	files := 0
	testkit.Must(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
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

// Files of other programs, and broken ones, are named once and skipped.
func TestSkipsStrayAndBrokenFiles(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	var warnings []string
	s.Warn = func(text string) { warnings = append(warnings, strings.ReplaceAll(text, root+"/", "")) }
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte("good")))
	testkit.Must(t, s.PutBlob(t.Context(), "my-blobs", "good", nil))
	for _, key := range []string{"good", "cut", "empty"} {
		testkit.Must(t, s.Write(t.Context(), "T01", []storage.Change{{Row: storage.Row{PartitionKey: "p", RowKey: key}}}))
	}
	for file, text := range map[string]string{
		"queues/.DS_Store": "", "queues/my-queue/.DS_Store": "", "queues/my-queue/notes.txt": "x", "queues/my-queue/99999999T999999.999999999Z-AAAAAAAA.txt": "",
		"tables/T01/p/.good.json.swp": "", "tables/T01/p/good.json~": "", "tables/T01/p/cut.json": `{"PartitionKey":"p","Row`, "tables/T01/p/empty.json": "",
		"tables/T01/p/array.json": "[]", "tables/T01/good.json": "{}", "blobs/my-blobs/.good.swp": "", "blobs/my-blobs/good~": "",
	} {
		testkit.Must(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
	}
	for range 2 {
		messages, err := s.Messages(t.Context(), "my-queue")
		testkit.Must(t, err)
		rows, err := s.PeekRows(t.Context(), "T01", 100)
		testkit.Must(t, err)
		blobs, err := s.Blobs(t.Context(), "my-blobs")
		testkit.Must(t, err)
		if len(messages) != 1 || len(rows.Items) != 1 || len(blobs) != 1 {
			t.Errorf("%d messages, %d rows, %d blobs, want 1 of each", len(messages), len(rows.Items), len(blobs))
		}
	}
	slices.Sort(warnings)
	want := []string{
		"storage: blobs/my-blobs/.good.swp is skipped: devhost did not write it",
		"storage: blobs/my-blobs/good~ is skipped: devhost did not write it",
		"storage: queues/my-queue/.DS_Store is skipped: devhost did not write it",
		`storage: queues/my-queue/99999999T999999.999999999Z-AAAAAAAA.txt is skipped: parsing time "99999999T999999.999999999Z": month out of range`,
		"storage: queues/my-queue/notes.txt is skipped: devhost did not write it",
		"storage: tables/T01/good.json is skipped: devhost did not write it",
		"storage: tables/T01/p/.good.json.swp is skipped: devhost did not write it",
		"storage: tables/T01/p/array.json is skipped: a row must be a JSON object",
		`storage: tables/T01/p/cut.json is skipped: jsontext: unexpected EOF after offset 24`,
		"storage: tables/T01/p/empty.json is skipped: a row must be a JSON object",
		"storage: tables/T01/p/good.json~ is skipped: devhost did not write it",
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Error(diff)
	}
}

func TestStorage(t *testing.T) {
	storagetest.Run(t, open(t, t.TempDir()))
}

// A restart keeps everything, in files that people can read.
func TestTree(t *testing.T) {
	root := t.TempDir()
	for i, text := range []string{`{"n":1}`, "plain", ""} {
		s := open(t, root)
		testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte(text)))
		if messages, err := s.Messages(t.Context(), "my-queue"); err != nil || len(messages) != i+1 {
			t.Fatal(messages, err)
		}
	}
	s := open(t, root)
	row := storage.Row{PartitionKey: "p|1", RowKey: "..", Columns: []storage.Column{{Name: "N", Type: storage.Int64, Value: int64(7)}}}
	testkit.Must(t, s.Write(t.Context(), "T01", []storage.Change{{Row: row}}))
	testkit.Must(t, s.PutBlob(t.Context(), "my-blobs", "../../../etc/passwd", []byte("x")))
	var files []string
	for _, pattern := range []string{"queues/my-queue/*.json", "tables/T01/*/*.json", "blobs/my-blobs/*/*/*/*/*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		testkit.Must(t, err)
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
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", make([]byte, 64<<10)))
}
