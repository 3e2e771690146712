package worker

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// logPipe writes log lines to a pipe, at most once per millisecond: a write for
// each line, which wakes the reader, costs more than handling an event. A single
// line is written at once. Writers never wait for the reader: lines that do not
// fit while there is no reader are dropped and counted.
type logPipe struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	lines   []byte
	dropped int
	closed  bool
}

const (
	// logPause is how long lines may wait for more lines.
	logPause = time.Millisecond
	// logLimit is how many bytes may wait: some thousand lines.
	logLimit = 1 << 20
	// logTimeout is how long Close waits for the reader.
	logTimeout = time.Second
)

func newLogPipe(out io.Writer) *logPipe {
	p := &logPipe{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go p.run()
	return p
}

// Write accepts a line, and ignores it after Close. It may be called
// concurrently.
func (p *logPipe) Write(line []byte) (int, error) {
	p.mu.Lock()
	switch {
	case p.closed:
	case len(p.lines)+len(line) > logLimit:
		p.dropped++
	default:
		p.lines = append(p.lines, line...)
	}
	p.mu.Unlock()
	p.notify()
	return len(line), nil
}

// Close returns when all lines are written, or after a timeout if there
// is no reader.
func (p *logPipe) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.notify()
	select {
	case <-p.done:
	case <-time.After(logTimeout):
	}
}

// notify makes run look for lines.
func (p *logPipe) notify() {
	select {
	case p.wake <- struct{}{}:
	default: // it is notified already
	}
}

func (p *logPipe) run() {
	defer close(p.done)
	var writing []byte
	for range p.wake {
		p.mu.Lock()
		writing, p.lines = p.lines, writing[:0]
		dropped, closed := p.dropped, p.closed
		p.dropped = 0
		p.mu.Unlock()
		if dropped > 0 {
			writing = fmt.Appendf(writing, `{"level":"warn","lines":%d,"message":"log lines were dropped: the reader is too slow"}`+"\n", dropped)
		}
		// The log can't report that writing the log fails.
		_, _ = p.out.Write(writing)
		if closed {
			return
		}
		time.Sleep(logPause)
	}
}
