package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/internal/testkit"
)

func save(t *testing.T, f *Folder, id string, at time.Time, text string) {
	t.Helper()
	if err := f.Save(Transcript{ID: id, Function: "My-Function", Started: at, Events: []byte(`[]`), Request: text}); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := OpenFolder(path, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFind(t *testing.T) {
	f := open(t, t.TempDir())
	at := time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)
	save(t, f, "aaaaaaaa-1111", at, "first attempt")
	save(t, f, "aaaaaaaa-1111", at.Add(time.Second), "second attempt")
	save(t, f, "aaaaaaaa-2222", at.Add(time.Minute), "another")
	for id, want := range map[string]string{
		"aaaaaaaa-1111": "second attempt", "aaaaaaaa-1": "second attempt", "aaaaaaaa-2222": "another", "aaaaaaaa": "another", "aa": "another",
	} {
		if got, err := f.Find(id); err != nil || got.Request != want {
			t.Errorf("%s: got %q, %v", id, got.Request, err)
		}
	}
	for _, id := range []string{"", "b", "aaaaaaaa-3", "aaaaaaaa-11111"} {
		if got, err := f.Find(id); !errors.Is(err, ErrNoTranscript) {
			t.Errorf("%s: got %v, %v", id, got, err)
		}
	}
	last := f.Last(2)
	if len(last) != 2 || last[0].Request != "another" || last[1].Request != "second attempt" {
		t.Errorf("%v", last)
	}
}

// Invalid and ambiguous JSON is read back unchanged.
func TestOddTexts(t *testing.T) {
	f := open(t, t.TempDir())
	events := `[{"a":"\ud800","a":1}]`
	if err := f.Save(Transcript{ID: "aaaaaaaa", Function: "F", Events: []byte(events), Response: "\x00\u2028\""}); err != nil {
		t.Fatal(err)
	}
	got, err := f.Find("aaaaaaaa")
	if err != nil || got.Response != "\x00\u2028\"" {
		t.Errorf("%q %v", got.Response, err)
	}
	if err := got.Events.Compact(); err != nil || string(got.Events) != events {
		t.Errorf("%s %v", got.Events, err)
	}
}

func TestOldTranscriptsAreRemoved(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	for i := range maxTranscripts + 100 {
		save(t, f, fmt.Sprintf("%08d", i), time.Unix(int64(i), 0), "")
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != maxTranscripts {
		t.Errorf("%d files, %v", len(files), err)
	}
	if _, err := f.Find("00000099"); !errors.Is(err, ErrNoTranscript) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Find("00000100"); err != nil {
		t.Error(err)
	}
}

// Stray and broken files are named and skipped.
func TestStrayAndBrokenFiles(t *testing.T) {
	folder := t.TempDir()
	var log testkit.Log
	f, err := OpenFolder(folder, log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	save(t, f, "aaaaaaaa-1111", time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC), "good")
	for name, content := range map[string]string{
		"20261120T091504.000000000Z-F-aaaaaaaa.json": "",
		"20261120T091505.000000000Z-F-aaaaaaaa.json": `{"id":"aaaaaaaa","fun`,
		"20261120T091506.000000000Z-F-aaaaaaaa.json": `{}`,
		"20261120T091507.000000000Z-F-aaaaaaaa.json": `null`,
		".DS_Store": "x", "notes.json": "{}", ".a.json.swp": "x", "aaaaaaaa.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "20261120T091508.000000000Z-F-aaaaaaaa.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Find("aaaaaaaa"); err != nil || got.Request != "good" {
		t.Errorf("got %q, %v", got.Request, err)
	}
	if last := f.Last(5); len(last) != 1 || last[0].Request != "good" {
		t.Errorf("%+v", last)
	}
	for _, second := range []string{"04", "05", "06", "07"} {
		if !strings.Contains(log.String(), folder+"/20261120T0915"+second) {
			t.Errorf("file %s is not named:\n%s", second, &log)
		}
	}
}
