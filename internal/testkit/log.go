package testkit

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
)

// Log keeps the lines of a logger. Its zero value is ready.
type Log struct {
	mu    sync.Mutex
	lines []string
}

// Logger returns a logger whose lines the log keeps.
func (l *Log) Logger() zerolog.Logger { return zerolog.New(l) }

// Write implements [io.Writer] for a logger. It keeps a line as
//
//	error host: invocation failed: the error (function=F events=2)
func (l *Log) Write(line []byte) (int, error) {
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(line, &fields); err != nil {
		return 0, fmt.Errorf("the log line %q: %w", line, err)
	}
	take := func(name string) string {
		value := fields[name]
		delete(fields, name)
		if text, err := jsontext.AppendUnquote(nil, value); err == nil {
			return string(text)
		}
		return string(value)
	}
	text := fmt.Sprintf("%s %s: %s", take("level"), take("component"), take("message"))
	if fields["error"] != nil {
		text += ": " + take("error")
	}
	var rest []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rest = append(rest, name+"="+take(name))
	}
	if rest != nil {
		text += " (" + strings.Join(rest, " ") + ")"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, text)
	return len(line), nil
}

// Lines returns the lines so far.
func (l *Log) Lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// String returns the lines so far as one text.
func (l *Log) String() string { return strings.Join(l.Lines(), "\n") }

// Wait waits until the lines contain a text a number of times.
func (l *Log) Wait(t testing.TB, text string, times int) {
	t.Helper()
	if !poll(t, func() bool { return strings.Count(l.String(), text) >= times }) {
		t.Fatalf("the log does not contain %q %d times:\n%s", text, times, l)
	}
}
