package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// gather passes lines on to a pipe, once in a millisecond at most: a write for
// every line, with a reader to wake, costs more than the event that it tells of.
// A line alone is passed on at once. Nobody ever waits for the reader: what does
// not fit while nobody reads is dropped, and counted.
type gather struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	lines   []byte
	dropped int
	closed  bool
}

const (
	// gatherPause is how long lines may wait for more to come.
	gatherPause = time.Millisecond
	// gatherLimit is how many bytes may wait: some thousand lines.
	gatherLimit = 1 << 20
	// gatherPatience is how long Close waits for the reader.
	gatherPatience = time.Second
)

func newGather(out io.Writer) *gather {
	g := &gather{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go g.pass()
	return g
}

// Write takes a line, unless Close was called. It may be called from many
// goroutines.
func (g *gather) Write(line []byte) (int, error) {
	g.mu.Lock()
	switch {
	case g.closed:
	case len(g.lines)+len(line) > gatherLimit:
		g.dropped++
	default:
		g.lines = append(g.lines, line...)
	}
	g.mu.Unlock()
	g.poke()
	return len(line), nil
}

// Close returns when all lines have been passed on or, if nobody reads, some
// time later.
func (g *gather) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.poke()
	select {
	case <-g.done:
	case <-time.After(gatherPatience):
	}
}

func (g *gather) poke() {
	select {
	case g.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (g *gather) pass() {
	defer close(g.done)
	var passing []byte
	for range g.wake {
		g.mu.Lock()
		passing, g.lines = g.lines, passing[:0]
		dropped, closed := g.dropped, g.closed
		g.dropped = 0
		g.mu.Unlock()
		if dropped > 0 {
			passing = fmt.Appendf(passing, `{"level":"warn","lines":%d,"message":"log lines were dropped: nobody read them"}`+"\n", dropped)
		}
		// Nobody is left to tell that nobody reads.
		_, _ = g.out.Write(passing)
		if closed {
			return
		}
		time.Sleep(gatherPause)
	}
}
