package main

import (
	"io"
	"sync"
	"time"
)

// gather passes lines on to a pipe, once in a millisecond at most: a write for
// every line, with a reader to wake, costs more than the event that it tells of.
// A line alone is passed on at once.
type gather struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu    sync.Mutex
	room  sync.Cond
	lines []byte
}

// gatherPause is how long lines may wait for more to come.
const gatherPause = time.Millisecond

// gatherLimit is how many bytes may wait. Whoever has more to say waits too, as
// for a pipe that is full.
const gatherLimit = 256 << 10

func newGather(out io.Writer) *gather {
	g := &gather{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
	g.room.L = &g.mu
	go g.pass()
	return g
}

// Write takes a line. It may be called from many goroutines, but not after
// Close.
func (g *gather) Write(line []byte) (int, error) {
	g.mu.Lock()
	for len(g.lines) > gatherLimit {
		g.room.Wait()
	}
	g.lines = append(g.lines, line...)
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default: // it will look again anyway
	}
	return len(line), nil
}

// Close returns when all lines have been passed on.
func (g *gather) Close() {
	close(g.wake)
	<-g.done
}

func (g *gather) pass() {
	defer close(g.done)
	var passing []byte
	for range g.wake {
		g.mu.Lock()
		passing, g.lines = g.lines, passing[:0]
		g.room.Broadcast()
		g.mu.Unlock()
		// Nobody is left to tell that nobody reads.
		_, _ = g.out.Write(passing)
		time.Sleep(gatherPause)
	}
}
