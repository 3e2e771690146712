package transcript

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func save(t *testing.T, f *Folder, id string, at time.Time, text string) {
	t.Helper()
	if err := f.Save(Transcript{ID: id, Function: "My-Function", Started: at, Events: []byte(`[]`), Request: text}); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFind(t *testing.T) {
	f := open(t, t.TempDir())
	at := time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)
	save(t, f, "aaaaaaaa-1111", at, "first try")
	save(t, f, "aaaaaaaa-1111", at.Add(time.Second), "second try")
	save(t, f, "aaaaaaaa-2222", at.Add(time.Minute), "another")
	for id, want := range map[string]string{
		"aaaaaaaa-1111": "second try", "aaaaaaaa-1": "second try", "aaaaaaaa-2222": "another", "aaaaaaaa": "another", "aa": "another",
	} {
		if got, err := f.Find(id); err != nil || got.Request != want {
			t.Errorf("%s: got %q, %v", id, got.Request, err)
		}
	}
	for _, id := range []string{"", "b", "aaaaaaaa-3", "aaaaaaaa-11111"} {
		if got, err := f.Find(id); !errors.Is(err, ErrNone) {
			t.Errorf("%s: got %v, %v", id, got, err)
		}
	}
	last, err := f.Last(2)
	if err != nil || len(last) != 2 || last[0].Request != "another" || last[1].Request != "second try" {
		t.Errorf("%v %v", last, err)
	}
}

// What is no text to JSON comes back as it was.
func TestOddTexts(t *testing.T) {
	f := open(t, t.TempDir())
	events := `[{"a":"\ud800","a":1}]`
	if err := f.Save(Transcript{ID: "aaaaaaaa", Events: []byte(events), Response: "\x00\u2028\""}); err != nil {
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

func TestOldOnesGo(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	for i := range kept + 100 {
		save(t, f, fmt.Sprintf("%08d", i), time.Unix(int64(i), 0), "")
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != kept {
		t.Errorf("%d files, %v", len(files), err)
	}
	if _, err := f.Find("00000099"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Find("00000100"); err != nil {
		t.Error(err)
	}
}

func TestBrokenFile(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "20261120T091503.000000000Z-F-aaaaaaaa.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, folder).Find("aaaaaaaa"); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
}
