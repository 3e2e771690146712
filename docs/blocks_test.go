package docs

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

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
