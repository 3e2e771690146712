package bridge

import (
	"io"
	"strings"
)

// body reads a request's body. Before it hands out the last byte it calls
// midway, if there is one: what reads it can't have answered yet.
func body(text string, midway func()) io.Reader {
	if midway == nil || text == "" {
		return strings.NewReader(text)
	}
	last := len(text) - 1
	return io.MultiReader(strings.NewReader(text[:last]), pause(midway), strings.NewReader(text[last:]))
}

// pause is a reader of nothing that does something.
type pause func()

// Read implements [io.Reader].
func (p pause) Read([]byte) (int, error) {
	p()
	return 0, io.EOF
}
