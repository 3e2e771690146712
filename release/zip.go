package main

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// entry is a file in the zip.
type entry struct {
	name       string // with slashes
	content    []byte
	executable bool
}

// appEntries returns the files of the app folder that Azure reads: host.json
// and the function.json of every function.
func appEntries(folder string) ([]entry, error) {
	functions, err := filepath.Glob(filepath.Join(folder, "*", "function.json"))
	if err != nil {
		return nil, err
	}
	if len(functions) == 0 {
		return nil, fmt.Errorf("no folder with a function.json in %s: pass the app folder with --app", folder)
	}
	var entries []entry
	for _, file := range append(functions, filepath.Join(folder, "host.json")) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{name: filepath.ToSlash(name), content: content})
	}
	return entries, nil
}

// dosEpoch is 1 January 1980, the earliest date in a zip: the date of all files.
const dosEpoch = 1<<5 | 1

// writeZip writes a zip that depends on the entries only: sorted, with one date,
// and with modes for Linux, which do not depend on the build machine.
func writeZip(w io.Writer, entries []entry) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	entries = slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		//lint:ignore SA1019 the field that replaces it adds an extra field to every file
		header.ModifiedDate = dosEpoch
		header.SetMode(0o644)
		if e.executable {
			header.SetMode(0o755)
		}
		file, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(e.content); err != nil {
			return err
		}
	}
	return archive.Close()
}
