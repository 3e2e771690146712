package testkit

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// Buffer collects what several goroutines write, such as a program's output.
// The zero Buffer is empty and ready to use.
type Buffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

// Write appends p.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

// String returns everything that has been written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}

// WaitFor waits until the buffer contains text. It fails the test, and shows
// the buffer, if that takes longer than WaitUntil allows.
func (b *Buffer) WaitFor(t testing.TB, text string) {
	t.Helper()
	if !poll(t, func() bool { return strings.Contains(b.String(), text) }) {
		t.Fatalf("the output does not contain %q after %s:\n%s", text, waitLimit.Round(time.Second), b)
	}
}
