// Package docs tests the pages for people: every shell command in them is run,
// or says why not, and what they link to is there.
package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const repository = ".."

// pages are all of them, README first.
func pages(t *testing.T) (names []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "docs/*.md", "*.md"} {
		found, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			name, err := filepath.Rel(repository, file)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// block is a fenced block of a page.
type block struct {
	line int
	// info is what stands after the fence.
	info, text string
}

var fence = regexp.MustCompile("^( *)(```+|~~~+) *(.*)$")

// blocks are a page's fenced blocks, without their indentation.
func blocks(page string) (found []block, err error) {
	var open *block
	var indent, end string
	for n, line := range strings.Split(page, "\n") {
		switch match := fence.FindStringSubmatch(line); {
		case open == nil && match != nil:
			indent, end = match[1], match[2]
			open = &block{line: n + 1, info: strings.TrimSpace(match[3])}
		case open != nil && strings.TrimSpace(line) == end:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block does not end", open.line)
	}
	return found, nil
}

var (
	shell  = regexp.MustCompile(`^(sh|bash|shell|console|zsh)\b`)
	noTest = regexp.MustCompile(`^sh no-test: \S.*$`)
)

// test reports whether a block is to be run. A shell block that says neither
// yes nor no is an error, and so is one that says nothing at all.
func (b block) test() (bool, error) {
	switch {
	case b.info == "sh test":
		return true, nil
	case b.info == "":
		if regexp.MustCompile(`(?m)^(\$ |make |go |az |npm |curl |bin/)`).MatchString(b.text) {
			return false, fmt.Errorf("line %d: it looks like commands: mark it `sh test`, or `sh no-test: <reason>`", b.line)
		}
		return false, nil
	case !shell.MatchString(b.info) || noTest.MatchString(b.info):
		return false, nil
	default:
		return false, fmt.Errorf("line %d: %q: mark shell blocks `sh test`, or `sh no-test: <reason>`", b.line, b.info)
	}
}

func TestBlocksAreMarked(t *testing.T) {
	for name, test := range map[string]struct {
		page string
		run  bool
		err  string
	}{
		"a block to run":                {"```sh test\nmake demo\n```", true, ""},
		"an indented block to run":      {"* text\n\n  ```sh test\n  make demo\n  ```", true, ""},
		"a block not to run":            {"```sh no-test: it does not end\nmake run\n```", false, ""},
		"another language":              {"```json\n{}\n```", false, ""},
		"no language, and no commands":  {"```\nhandler/   what ships\n```", false, ""},
		"no language, but commands":     {"```\nmake demo\n```", false, "it looks like commands"},
		"a shell block without a mark":  {"```sh\nmake demo\n```", false, "mark shell blocks"},
		"a shell block of another name": {"```bash test\nmake demo\n```", false, "mark shell blocks"},
		"no reason":                     {"```sh no-test:\nmake run\n```", false, "mark shell blocks"},
		"a block that does not end":     {"```sh test\nmake demo\n", false, "does not end"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := blocks(test.page)
			run := false
			if err == nil {
				run, err = found[0].test()
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) || run != test.run {
				t.Errorf("run: %t, error: %v", run, err)
			}
		})
	}
}

// Every block of a page that can be run does, in the order of the page, in a
// copy of the repository, while make run runs there.
func TestBlocksRun(t *testing.T) {
	if testing.Short() {
		t.Skip("the pages' commands take a while")
	}
	type command struct{ page, text string }
	var commands []command
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join(repository, page))
		if err != nil {
			t.Fatal(err)
		}
		found, err := blocks(string(text))
		if err != nil {
			t.Errorf("%s: %v", page, err)
		}
		for _, b := range found {
			run, err := b.test()
			if err != nil {
				t.Errorf("%s: %v", page, err)
			}
			if run {
				commands = append(commands, command{fmt.Sprintf("%s:%d", page, b.line), b.text})
			}
		}
	}
	if len(commands) < 5 {
		t.Errorf("only %d blocks are run", len(commands))
	}
	folder := scratch(t)
	makeRun(t, folder)
	for _, c := range commands {
		t.Run(c.page, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", c.text)
			shell.Dir, shell.Env = folder, environ()
			if output, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, c.text, output)
			}
		})
	}
}

// scratch copies the files of the repository that git has, or would have.
func scratch(t *testing.T) (folder string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repository
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(repository, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not yet for git
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// environ is that of a person's shell: without what a make that runs the tests
// hands down.
func environ() []string {
	return append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
}

// address is where make run listens.
const address = "127.0.0.1:7071"

// makeRun runs make run until the test ends, and returns when it listens.
func makeRun(t *testing.T, folder string) {
	t.Helper()
	free := func() bool {
		listener, err := net.Listen("tcp", address)
		if err == nil {
			_ = listener.Close()
		}
		return err == nil
	}
	if !within(time.Minute, free) {
		text := "something listens on " + address + ": end it, the pages' commands need make run there"
		if os.Getenv("CI") == "true" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	var output bytes.Buffer
	command := exec.Command("make", "run")
	command.Dir, command.Env = folder, environ()
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make, and what it runs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
		_ = command.Wait()
	})
	listens := func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	}
	if !within(2*time.Minute, listens) {
		t.Fatalf("make run does not listen on %s", address)
	}
}

func within(limit time.Duration, holds func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return true
		}
	}
	return false
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// heading is a heading's anchor, as GitHub makes it.
func heading(line string) string {
	text := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
	text = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(text, "")
	return strings.ReplaceAll(text, " ", "-")
}

func TestLinksLeadSomewhere(t *testing.T) {
	anchors := func(file string) (all []string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if strings.HasPrefix(line, "#") {
				all = append(all, heading(line))
			}
		}
		return all
	}
	for _, page := range pages(t) {
		text, err := os.ReadFile(filepath.Join(repository, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			path, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := filepath.Join(repository, page)
			if path != "" {
				target = filepath.Join(repository, filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", page, match[1])
			} else if anchor != "" && !slices.Contains(anchors(target), anchor) {
				t.Errorf("%s: %s: that page has no such heading", page, match[1])
			}
		}
	}
}
