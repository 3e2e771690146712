package worker

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Every line is written whole, and those of one goroutine in their order.
func TestLogPipe(t *testing.T) {
	const writers, lines = 8, 500
	var out bytes.Buffer
	p := newLogPipe(&out)
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for line := range lines {
				fmt.Fprintf(p, "%d %d\n", writer, line)
			}
		})
	}
	all.Wait()
	p.Close()
	next := make([]int, writers)
	for line := range strings.Lines(out.String()) {
		var writer, number int
		if _, err := fmt.Sscanf(line, "%d %d\n", &writer, &number); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if number != next[writer] {
			t.Fatalf("line %d of writer %d where %d should be", number, writer, next[writer])
		}
		next[writer]++
	}
	for writer, n := range next {
		if n != lines {
			t.Errorf("%d lines of writer %d", n, writer)
		}
	}
}

// A single line does not wait for others.
func TestLogPipeWritesASingleLineAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newLogPipe(&out)
		defer p.Close()
		fmt.Fprintln(p, "one")
		synctest.Wait()
		if out.String() != "one\n" {
			t.Errorf("written: %q", &out)
		}
	})
}

// Without a reader, writers do not wait: lines are kept up to the limit and then
// dropped, and a later reader learns how many.
func TestLogPipeDropsLinesWithoutAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		p := newLogPipe(writer)
		line := append(bytes.Repeat([]byte("x"), 1023), '\n')
		const lines = 3 * logLimit / 1024
		for range lines {
			if n, err := p.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		synctest.Wait()
		var out bytes.Buffer
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = io.Copy(&out, reader)
		}()
		time.Sleep(time.Second)
		p.Close()
		_ = writer.Close()
		<-read
		kept := strings.Count(out.String(), string(line))
		var dropped int
		_, rest, _ := strings.Cut(out.String(), `{"level":"warn","lines":`)
		if _, err := fmt.Sscanf(rest, `%d,"message":"log lines were dropped: the reader is too slow"}`, &dropped); err != nil {
			t.Fatalf("%v in %.200q", err, rest)
		}
		if kept+dropped != lines || kept < logLimit/1024 || dropped == 0 {
			t.Errorf("%d lines, %d of them read and %d reported as dropped", lines, kept, dropped)
		}
	})
}

// Close does not wait for a reader forever, and a later Write does no harm.
func TestLogPipeCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		p := newLogPipe(writer)
		fmt.Fprintln(p, "no reader")
		begin := time.Now()
		p.Close()
		if took := time.Since(begin); took != logTimeout {
			t.Errorf("it took %s", took)
		}
		fmt.Fprintln(p, "nor this")
		_ = reader.Close()
		<-p.done
	})
}
