package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Modules come from where the machine's settings say.
func TestTheModuleProxyIsTheMachines(t *testing.T) {
	goEnv(t, "GOPROXY=off\nGOMODCACHE="+t.TempDir()+"\n")
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--app", repository, "--out", filepath.Join(t.TempDir(), "app.zip")}, new(bytes.Buffer), &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "GOPROXY=off") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

func TestErrors(t *testing.T) {
	broken := sources(t)
	if err := os.WriteFile(filepath.Join(broken, "handler", "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	noHost := sources(t)
	if err := os.Remove(filepath.Join(noHost, "host.json")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"not an app folder":             {[]string{"--app", t.TempDir()}, 1, "pass the app folder with --app"},
		"no host.json":                  {[]string{"--app", noHost}, 1, "host.json"},
		"a handler that does not build": {[]string{"--app", broken}, 1, "undefined: nothing"},
		"an unknown architecture":       {[]string{"--app", repository, "--arch", "abacus"}, 1, "building ./handler for linux/abacus"},
		"an argument":                   {[]string{"now"}, 2, `unexpected argument "now"`},
		"an unknown flag":               {[]string{"--zip"}, 2, "unknown flag: --zip"},
		"help":                          {[]string{"-h"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "app.zip")
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append([]string{"--out", file}, test.args...), &stdout, &stderr)
			if code != test.code || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("exit code %d, want %d; errors %q, want %q", code, test.code, &stderr, test.want)
			}
			if help := stdout.String(); (test.code == 0) != strings.Contains(help, "--arch") {
				t.Errorf("the output is %q", help)
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("a zip was written")
			}
		})
	}
}
