package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	// What a shell sets for other builds must not change this one.
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.system, "GOARCH="+t.arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	if text, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the handler for %s/%s: %w\n%s", t.system, t.arch, err, bytes.TrimSpace(text))
	}
	return os.ReadFile(file)
}
