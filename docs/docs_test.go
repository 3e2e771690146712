// Package docs tests the pages for people: every shell command in them is run,
// or says why not, and what they link to is there.
package docs

import (
	"path/filepath"
	"slices"
	"testing"
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
