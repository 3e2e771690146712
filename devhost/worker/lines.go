package worker

import (
	"bytes"
	"strings"
)

// lines cuts what is written to it into lines. Empty ones do not count.
type lines struct {
	pass func(text string)
	rest []byte
}

// Write implements [io.Writer].
func (l *lines) Write(text []byte) (int, error) {
	l.rest = append(l.rest, text...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(text), nil
		}
		l.say(line)
		l.rest = rest
	}
}

// flush passes on what has no end.
func (l *lines) flush() {
	l.say(l.rest)
	l.rest = nil
}

func (l *lines) say(line []byte) {
	if text := strings.TrimRight(string(line), "\r"); text != "" {
		l.pass(text)
	}
}
