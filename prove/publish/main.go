// Command publish puts the figures that tests have kept into
// docs/reliability.md: a section's stand between a comment that names it and
// the next comment. A section without new figures stays as it is.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"whatsapp-functions/prove"
)

const page = "docs/reliability.md"

var section = regexp.MustCompile(`(?s)<!-- figures: ([a-z]+) -->\n.*?<!-- end -->`)

func main() {
	if err := publish(prove.Figures.Text()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func publish(folder string) error {
	if folder == "" {
		return fmt.Errorf("%s is not set: name the folder that the tests have kept figures in", prove.Figures)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return err
	}
	for _, file := range files {
		left[strings.TrimSuffix(filepath.Base(file), ".md")] = true
	}
	written := section.ReplaceAllStringFunc(string(text), func(old string) string {
		name := section.FindStringSubmatch(old)[1]
		figures, err := os.ReadFile(filepath.Join(folder, name+".md"))
		if err != nil {
			return old
		}
		delete(left, name)
		return fmt.Sprintf("<!-- figures: %s -->\n\n%s\n<!-- end -->", name, figures)
	})
	if len(left) > 0 {
		return fmt.Errorf("%s has no section for %v", page, left)
	}
	return os.WriteFile(page, []byte(written), 0o644)
}
