package worker

import (
	"bytes"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

func TestVersion(t *testing.T) {
	for name, test := range map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"a tag": {
			debug.BuildInfo{GoVersion: "go1.27.3", Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
				{Key: "GOARCH", Value: "amd64"}, {Key: "GOOS", Value: "linux"}, {Key: "vcs.revision", Value: "0a1b2c"}, {Key: "vcs.modified", Value: "false"},
			}},
			"v1.2.3, commit 0a1b2c, go1.27.3 linux/amd64",
		},
		"files that differ from the commit": {
			debug.BuildInfo{GoVersion: "go1.27.3", Main: debug.Module{Version: "v0.0.0-20261124210000-0a1b2c+dirty"}, Settings: []debug.BuildSetting{
				{Key: "GOARCH", Value: "arm64"}, {Key: "GOOS", Value: "linux"}, {Key: "vcs.revision", Value: "0a1b2c"}, {Key: "vcs.modified", Value: "true"},
			}},
			"v0.0.0-20261124210000-0a1b2c+dirty, commit 0a1b2c+dirty, go1.27.3 linux/arm64",
		},
		"built without git": {
			debug.BuildInfo{GoVersion: "go1.27.3", Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
				{Key: "GOARCH", Value: "amd64"}, {Key: "GOOS", Value: "linux"},
			}},
			"unknown, commit unknown, go1.27.3 linux/amd64",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := versionOf(&test.info).String(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// --version works without a host and its environment.
func TestVersionIsPrinted(t *testing.T) {
	var stdout, stderr bytes.Buffer
	p := Program{Name: "fake", Args: []string{"bin/fake", "--version"}, LookupEnv: testkit.Lookup(nil), Stdout: &stdout, Stderr: &stderr}
	if code := p.Run(t.Context(), nil); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if want := regexp.MustCompile(`^fake \S+, commit \S+, go\S+ \w+/\w+\n$`); !want.MatchString(stdout.String()) {
		t.Errorf("it prints %q", &stdout)
	}
}

// The first line of the log identifies the build.
func TestVersionIsLogged(t *testing.T) {
	w := start(t, environ(t, []string{"Fake"}, nil), func(*Environment) Service { return service(succeed) })
	first, _, _ := strings.Cut(w.Stdout.String(), "\n")
	for _, want := range []string{`"version":"` + thisVersion().number + `"`, `"commit":"` + thisVersion().commit + `"`} {
		if !strings.Contains(first, want) {
			t.Errorf("the first line lacks %s: %s", want, first)
		}
	}
}
