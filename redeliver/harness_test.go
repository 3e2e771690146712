package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = ".."

// call runs redeliver in this process, and fails the test if the exit code is
// another.
func call(t *testing.T, exit int, args ...string) (stdout string) {
	t.Helper()
	getenv := func(name string) string {
		if name == envKey {
			return testKey
		}
		return ""
	}
	var out, errs bytes.Buffer
	args = append([]string{"--subscriptions", filepath.Join(repository, "infra/subscriptions.json")}, args...)
	if got := run(t.Context(), args, getenv, strings.NewReader(""), &out, &errs); got != exit {
		t.Fatalf("exit code %d, want %d: %s%s", got, exit, &out, &errs)
	}
	return out.String()
}

func write(t *testing.T, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
