package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// target is the repository, the package and the platform of a build.
type target struct {
	folder, source, system, arch string
}

// build returns the handler: one static file without debug information and
// without paths of the build machine.
//
// The file contains its commit if the folder is a clone and git is installed.
func build(ctx context.Context, t target) ([]byte, error) {
	directory, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	file := filepath.Join(directory, "handler")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", file, t.source)
	command.Dir = t.folder
	modules, err := moduleSettings(ctx, t.folder)
	if err != nil {
		return nil, err
	}
	// Settings of the shell and of go env -w for other builds must not change
	// this one. Go ignores empty variables, so GOENV=off disables the file.
	command.Env = append(os.Environ(), modules...)
	command.Env = append(command.Env, "GOENV=off", "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off")
	if text, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s for %s/%s: %w\n%s", t.source, t.system, t.arch, err, bytes.TrimSpace(text))
	}
	return os.ReadFile(file)
}

// moduleSettings returns Go's settings for downloading modules, from the
// environment or from go env -w: a machine behind a proxy still needs them.
// go.sum ensures that the modules are the same from every source.
func moduleSettings(ctx context.Context, folder string) (variables []string, err error) {
	names := []string{"GOAUTH", "GOCACHE", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOVCS"}
	command := exec.CommandContext(ctx, "go", append([]string{"env"}, names...)...)
	command.Dir = folder
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	values := strings.Split(string(text), "\n")
	for i, name := range names {
		variables = append(variables, name+"="+strings.TrimSuffix(values[i], "\r"))
	}
	return variables, nil
}
