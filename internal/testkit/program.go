package testkit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// programs are those that this test binary has built, by their package.
var programs struct {
	mu   sync.Mutex
	path map[string]string
}

// Program builds a program of this repository, such as "handler", and returns
// its absolute path. A test binary builds it once, as it ships: static, and
// without paths of the machine. The file stays in bin/test, where the next test
// binary finds it up to date.
func Program(t testing.TB, name string) string {
	t.Helper()
	programs.mu.Lock()
	defer programs.mu.Unlock()
	if path, ok := programs.path[name]; ok {
		return path
	}
	root := Root(t)
	if err := dependOn(root, name); err != nil {
		t.Fatal(err)
	}
	path, err := build(root, name)
	if err != nil {
		t.Fatal(err)
	}
	if programs.path == nil {
		programs.path = map[string]string{}
	}
	programs.path[name] = path
	return path
}

// build builds a program. Test binaries that run at the same time take turns.
func build(root, name string) (string, error) {
	folder := filepath.Join(root, "bin", "test")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(folder, name+".lock"))
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer func() { _ = lock.Unlock() }()
	path := filepath.Join(folder, name)
	command := exec.Command("go", "build", "-trimpath", "-o", path, "./"+name)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./%s: %w: %s", name, err, text)
	}
	return path, nil
}

// dependOn makes go test run the tests again after a change of the program. It
// repeats a cached result unless a file that the tests looked at has changed,
// so dependOn looks at every folder that the program is built from.
func dependOn(root, name string) error {
	command := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}", "./"+name)
	command.Dir = root
	folders, err := command.Output()
	if err != nil {
		return fmt.Errorf("go list ./%s: %w", name, err)
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			return err
		}
	}
	for folder := range strings.FieldsSeq(string(folders)) {
		if _, err := os.ReadDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// InstallHandler puts the handler into an app folder, at bin/handler, and
// returns its path. The file has a name of its own, by which the process can be
// found.
func InstallHandler(t testing.TB, app string) string {
	t.Helper()
	program := Program(t, "handler")
	path := filepath.Join(app, "bin", "handler")
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = linkOrCopy(program, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// linkOrCopy copies a program where it can't be linked, as between disks.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
