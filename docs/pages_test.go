// Package docs tests the Markdown pages: every shell block runs, or says why
// not; every link has a target; the samples and tables agree with the goldens
// and schemas.
package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = ".."

// page is a Markdown file.
type page struct {
	// name is the path below the repository.
	name, text string
}

// pages returns the pages of the repository, README.md first.
func pages(t *testing.T) []page {
	t.Helper()
	files := []string{filepath.Join(repository, "README.md")}
	for _, pattern := range []string{"docs/*.md", "[^R]*.md"} {
		found, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	var all []page
	for _, file := range files {
		all = append(all, page{strings.TrimPrefix(filepath.ToSlash(file), repository+"/"), read(t, file)})
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is a fenced block of a page.
type block struct {
	line int
	// info follows the opening fence: a language, or how a shell block is tested.
	info, text string
}

var fenced = regexp.MustCompile("(?ms)^( *)```([^\n]*)\n(.*?)^ *```$")

func (p page) blocks() (found []block) {
	for _, at := range fenced.FindAllStringSubmatchIndex(p.text, -1) {
		part := func(n int) string { return p.text[at[2*n]:at[2*n+1]] }
		found = append(found, block{
			line: 1 + strings.Count(p.text[:at[0]], "\n"),
			info: part(2),
			text: regexp.MustCompile("(?m)^"+part(1)).ReplaceAllString(part(3), ""),
		})
	}
	return found
}

// withoutBlocks returns the page's text outside of fenced blocks.
func (p page) withoutBlocks() string {
	return fenced.ReplaceAllString(p.text, "")
}

var info = regexp.MustCompile(`^(sh test|sh no-test: \S.*|json|mermaid|text|csharp|go|js|python)$`)

func TestBlocksAreMarked(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if !info.MatchString(b.info) {
				t.Errorf("%s:%d: %q: mark shell blocks `sh test` or `sh no-test: <reason>`, others by their language", p.name, b.line, b.info)
			}
		}
		if strings.Contains(p.withoutBlocks(), "```") {
			t.Errorf("%s: a block does not end", p.name)
		}
	}
}
