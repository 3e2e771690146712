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

// target is what the handler is built from and for.
type target struct {
	folder, system, arch string
}

// build returns the handler: one static file, without what only debuggers
// read, and without the folders of the machine it was built on.
//
// It says which commit it is from where that can be known: in a clone, with
// git there. Elsewhere it is built all the same.
func build(ctx context.Context, t target) ([]byte, error) {
	directory, err := os.MkdirTemp("", "release")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	file := filepath.Join(directory, "handler")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w", "-o", file, "./handler")
	command.Dir = t.folder
	modules, err := moduleSettings(ctx, t.folder)
	if err != nil {
		return nil, err
	}
	// What a shell or go env -w sets for other builds must not change this
	// one. An empty variable does not count for Go, so its file is left out.
	command.Env = append(os.Environ(), modules...)
	command.Env = append(command.Env, "GOENV=off", "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off")
	if text, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the handler for %s/%s: %w\n%s", t.system, t.arch, err, bytes.TrimSpace(text))
	}
	return os.ReadFile(file)
}

// moduleSettings are Go's settings of where modules come from, wherever they
// are set: a machine that reaches them through a proxy only still needs it.
// go.sum makes sure that they are the same from everywhere.
func moduleSettings(ctx context.Context, folder string) (variables []string, err error) {
	names := []string{"GOAUTH", "GOCACHE", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOVCS"}
	command := exec.CommandContext(ctx, "go", append([]string{"env"}, names...)...)
	command.Dir = folder
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("asking go env where modules come from: %w", err)
	}
	values := strings.Split(string(text), "\n")
	for i, name := range names {
		variables = append(variables, name+"="+strings.TrimSuffix(values[i], "\r"))
	}
	return variables, nil
}
