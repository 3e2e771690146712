package embedded_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// A restart keeps dequeue counts, receipts and hidden messages.
func TestConsumeAfterRestart(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte("a")))
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte("b")))
	received, err := s.Receive(t.Context(), "my-queue", 1, time.Minute)
	testkit.Must(t, err)

	s = open(t, root)
	others, err := s.Receive(t.Context(), "my-queue", 5, time.Minute)
	testkit.Must(t, err)
	if len(others) != 1 || string(others[0].Body) != "b" {
		t.Errorf("%+v", others)
	}
	released, err := s.UpdateMessage(t.Context(), "my-queue", received[0], 0)
	testkit.Must(t, err)

	s = open(t, root)
	again, err := s.Receive(t.Context(), "my-queue", 5, time.Minute)
	testkit.Must(t, err)
	if len(again) != 1 || again[0].DequeueCount != 2 || again[0].Receipt == released.Receipt {
		t.Errorf("%+v", again)
	}
	testkit.Must(t, s.DeleteMessage(t.Context(), "my-queue", again[0]))
	testkit.Must(t, s.DeleteMessage(t.Context(), "my-queue", others[0]))
	for _, folder := range []string{"queues", "received"} {
		if left, err := filepath.Glob(filepath.Join(root, folder, "*", "*")); err != nil || len(left) > 0 {
			t.Errorf("left: %q, %v", left, err)
		}
	}
}

// A message expires after seven days, whether it was received or not.
func TestMessagesExpire(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	put := func(age time.Duration, id string) {
		testkit.Must(t, s.Folder.Write(filepath.Join(root, "queues", "my-queue", time.Now().UTC().Add(-age).Format("20060102T150405.000000000Z")+"-"+id+".txt"), []byte(id)))
	}
	put(storage.TimeToLive+time.Second, "AAAAAAAA") // as older versions named them
	put(storage.TimeToLive+time.Second, "00000000-0000-0000-0000-000000000001")
	put(storage.TimeToLive-time.Minute, "BBBBBBBB")
	if count, err := s.Count(t.Context(), storage.Queues, "my-queue", 10); err != nil || count != 1 {
		t.Errorf("the count is %d, %v", count, err)
	}
	messages, err := s.Receive(t.Context(), "my-queue", 5, time.Minute)
	testkit.Must(t, err)
	if len(messages) != 1 || messages[0].ID != "BBBBBBBB" {
		t.Errorf("%+v", messages)
	}
	if files, err := os.ReadDir(filepath.Join(root, "queues", "my-queue")); err != nil || len(files) != 1 {
		t.Errorf("%d files are left, %v", len(files), err)
	}
}

// Each message goes to one of the consumers that receive at the same time.
func TestReceiveAtTheSameTime(t *testing.T) {
	s := open(t, t.TempDir())
	s.Folder.NoSync = true
	const total = 100
	for i := range total {
		testkit.Must(t, s.Enqueue(t.Context(), "my-queue", fmt.Appendf(nil, "%d", i)))
	}
	var mu sync.Mutex
	got := map[string]int{}
	var consumers sync.WaitGroup
	for range 4 {
		consumers.Go(func() {
			for {
				messages, err := s.Receive(t.Context(), "my-queue", 3, time.Minute)
				if err != nil || len(messages) == 0 {
					return
				}
				for _, m := range messages {
					if err := s.DeleteMessage(t.Context(), "my-queue", m); err != nil {
						t.Error(err)
					}
					mu.Lock()
					got[string(m.Body)]++
					mu.Unlock()
				}
			}
		})
	}
	consumers.Wait()
	for text, times := range got {
		if times != 1 {
			t.Errorf("%s was received %d times", text, times)
		}
	}
	if len(got) != total {
		t.Errorf("%d messages", len(got))
	}
}

// Names that a person sends are never paths.
func TestRemoveMessageRefusesPaths(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	testkit.Must(t, s.Enqueue(t.Context(), "my-queue", []byte("a")))
	messages, err := s.Messages(t.Context(), "my-queue")
	testkit.Must(t, err)
	if err := s.RemoveMessage(t.Context(), "../queues/my-queue", messages[0].ID); !errors.Is(err, storage.ErrInvalid) {
		t.Error(err)
	}
	if err := s.RemoveMessage(t.Context(), "my-queue", "../"+messages[0].ID); !errors.Is(err, storage.ErrMessageNotFound) {
		t.Error(err)
	}
}

// Text that is not base64 is an ordinary message where messages are stored as text.
func TestUndecodableMessageOfText(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	testkit.Must(t, s.CopyMessage(t.Context(), "my-queue", storage.Message{Body: []byte("not base64"), Undecodable: true}))
	for _, asText := range []bool{false, true} {
		s.QueueText = asText
		if messages, err := s.Messages(t.Context(), "my-queue"); err != nil || len(messages) != 1 || messages[0].Undecodable == asText {
			t.Errorf("text %v: %+v, %v", asText, messages, err)
		}
	}
}
