package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = ".."

// release writes a zip and returns it.
func release(t *testing.T, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dist", "app.zip")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), append([]string{"--out", file}, args...), &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if !strings.HasPrefix(stdout.String(), file+": ") {
		t.Errorf("the output is %q", &stdout)
	}
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func open(t *testing.T, archive []byte) *zip.Reader {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// content returns a file of a zip.
func content(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	file, err := open(t, archive).Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// buildSettings returns the settings that a handler was built with.
func buildSettings(t *testing.T, handler []byte) map[string]string {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(handler))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	return settings
}

// sources copies the sources of the zip to a folder.
func sources(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	functions, err := filepath.Glob(filepath.Join(repository, "*", "function.json"))
	if err != nil {
		t.Fatal(err)
	}
	folders := []string{filepath.Join(repository, "handler"), filepath.Join(repository, "media")}
	for _, file := range functions {
		folders = append(folders, filepath.Dir(file))
	}
	for _, folder := range folders {
		if err := os.CopyFS(filepath.Join(root, filepath.Base(folder)), os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "host.json"} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
