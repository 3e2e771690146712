package main

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// input is a file's content, with its name for messages.
type input struct {
	name    string
	content []byte
}

var (
	errEmpty = errors.New("skipped: 0 bytes, which the host leaves when another output of the invocation failed; Event Grid retries its events")
	errName  = errors.New("skipped: the name does not end in .json, .jsonl or .ndjson")
	errNone  = errors.New("the folder has no file whose name ends in .json, .jsonl or .ndjson")
)

// skipped reports whether an input that is not read is not an error either.
func skipped(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, errName)
}

// inputs reads the named files, the files in named folders, and standard input
// for "-".
func inputs(names []string, stdin io.Reader) iter.Seq2[input, error] {
	return func(yield func(input, error) bool) {
		for _, name := range names {
			if name == "-" {
				content, err := io.ReadAll(stdin)
				if !yield(input{name: "standard input", content: content}, err) {
					return
				}
				continue
			}
			found := false
			err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				if path != name && !slices.Contains([]string{".json", ".jsonl", ".ndjson"}, filepath.Ext(path)) {
					return stop(yield(input{name: path}, errName))
				}
				found = true
				content, err := os.ReadFile(path)
				if err == nil && len(content) == 0 {
					err = errEmpty
				}
				return stop(yield(input{name: path, content: content}, err))
			})
			if errors.Is(err, fs.SkipAll) {
				return
			}
			if err == nil && !found {
				err = errNone
			}
			if err != nil && !yield(input{name: name}, err) {
				return
			}
		}
	}
}

// stop ends a walk if the loop over the inputs has ended.
func stop(more bool) error {
	if more {
		return nil
	}
	return fs.SkipAll
}
