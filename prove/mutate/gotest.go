package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// testLimit is how long the tests may take to notice a mutant.
const testLimit = 3 * time.Minute

// firstFailure runs go test until a test fails, and returns the test's name.
func firstFailure(ctx context.Context, scratch, arguments string) (killer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-failfast", "-count=1"}, strings.Fields(arguments)...)...)
	command.Dir = scratch
	// The copy has no Azurite. Tests that need it are skipped, except in CI.
	command.Env = append(os.Environ(), "CI=")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &event, json.MatchCaseInsensitiveNames(true)) != nil {
			continue
		}
		// The failure of a subtest comes before that of its test.
		if event.Action == "fail" && event.Test != "" && killer == "" {
			killer = strings.TrimPrefix(event.Package, "whatsapp-functions/") + "." + event.Test
			cancel()
		}
	}
	if err := command.Wait(); err != nil && killer == "" {
		return "", fmt.Errorf("go test %s: %w\n%s", arguments, err, &stderr)
	}
	return killer, nil
}
