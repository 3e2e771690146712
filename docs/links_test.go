package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	// dropped are the characters that GitHub leaves out of a heading's anchor.
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func TestLinksHaveTargets(t *testing.T) {
	anchors := map[string][]string{}
	for _, p := range pages(t) {
		for _, match := range heading.FindAllStringSubmatch(p.withoutBlocks(), -1) {
			anchor := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")
			anchors[p.name] = append(anchors[p.name], anchor)
		}
	}
	for _, p := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(p.text, -1) {
			path, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := p.name
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(p.name), path))
			}
			if _, err := os.Stat(filepath.Join(repository, target)); err != nil {
				t.Errorf("%s: %s does not exist", p.name, match[1])
			} else if anchor != "" && !slices.Contains(anchors[target], anchor) {
				t.Errorf("%s: %s: that page has no such heading", p.name, match[1])
			}
		}
	}
}
