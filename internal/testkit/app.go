package testkit

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixture is an app folder as this repository ships it. Tests use it instead
// of the repository's own files, so that they pass in a customised app too.
//
//go:embed app
var fixture embed.FS

// An Edit changes the files of an app folder, by their name with slashes.
type Edit func(t testing.TB, files map[string]string)

// AppFolder writes the app of the fixture to a folder of the test's own, with
// the edits made in their order, and returns the folder. It contains host.json,
// local.settings.json, function.json of AdvancedMessageTrigger and
// StatusTrigger, and infra/subscriptions.json; see [InstallHandler] for the
// program.
func AppFolder(t testing.TB, edits ...Edit) string {
	t.Helper()
	files := map[string]string{}
	app, err := fs.Sub(fixture, "app")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(app, name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range edits {
		edit(t, files)
	}
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Replace replaces the first occurrence of a text in a file. A text that does
// not occur fails the test.
func Replace(file, old, new string) Edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		if !strings.Contains(files[file], old) {
			t.Fatalf("%s does not contain %s", file, old)
		}
		files[file] = strings.Replace(files[file], old, new, 1)
	}
}

// Write adds or overwrites a file.
func Write(file, text string) Edit {
	return func(_ testing.TB, files map[string]string) { files[file] = text }
}

// Remove removes a file, which must be there.
func Remove(file string) Edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		if _, ok := files[file]; !ok {
			t.Fatalf("there is no %s to remove", file)
		}
		delete(files, file)
	}
}
