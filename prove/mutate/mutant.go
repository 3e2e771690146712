package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a change that breaks a promise. Its file looks like this:
//
//	promise: keys: no text reaches beyond its part of a key
//	test: ./handler/record
//
//	file: handler/record/key.go
//	<<<<
//	lines to find, which must be there exactly once
//	====
//	lines to write instead
//	>>>>
//
// There may be several tests, as arguments of go test, and several changes.
// Without tests those of defaultTests run.
type mutant struct {
	name, promise string
	tests         []string
	changes       []change
}

// change replaces lines of a file.
type change struct{ file, old, new string }

// defaultTests are fast tests first, then all tests of the handler.
var defaultTests = []string{"-short ./handler/...", "./handler/..."}

// readAll reads the mutants of a folder.
func readAll(folder string) (all []mutant, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		m.name = strings.TrimSuffix(filepath.Base(file), ".txt")
		all = append(all, m)
	}
	return all, nil
}

// parse reads the text of a mutant's file.
func parse(text string) (m mutant, err error) {
	file := ""
	for rest := text; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		key, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "":
		case key == "promise":
			m.promise = value
		case key == "test":
			m.tests = append(m.tests, value)
		case key == "file":
			file = value
		case line == "<<<<":
			old, after, ok := strings.Cut(rest, "====\n")
			new, after, ok2 := strings.Cut(after, ">>>>\n")
			if !ok || !ok2 || old == "" || file == "" {
				return m, errors.New("a change needs file:, then <<<<, lines, ====, lines and >>>>")
			}
			m.changes, rest = append(m.changes, change{file, old, new}), after
		default:
			return m, fmt.Errorf("unexpected line %q", line)
		}
	}
	if m.promise == "" || len(m.changes) == 0 {
		return m, errors.New("promise: and at least one change are required")
	}
	if m.tests == nil {
		m.tests = defaultTests
	}
	return m, nil
}

// apply makes the changes below a folder, and returns the function that undoes
// them.
func (m mutant) apply(folder string) (restore func() error, err error) {
	original, changed := map[string][]byte{}, map[string]string{}
	for _, c := range m.changes {
		path := filepath.Join(folder, c.file)
		if original[path] == nil {
			if original[path], err = os.ReadFile(path); err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			changed[path] = string(original[path])
		}
		if n := strings.Count(changed[path], c.old); n != 1 {
			return nil, fmt.Errorf("%s: %s has these lines %d times instead of once:\n%s", m.name, c.file, n, c.old)
		}
		changed[path] = strings.Replace(changed[path], c.old, c.new, 1)
	}
	for path, text := range changed {
		err = errors.Join(err, os.WriteFile(path, []byte(text), 0o644))
	}
	return func() error {
		var err error
		for path, text := range original {
			err = errors.Join(err, os.WriteFile(path, text, 0o644))
		}
		return err
	}, err
}
