package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// Every line arrives whole, those of one goroutine in their order.
func TestGather(t *testing.T) {
	const writers, lines = 8, 500
	var out bytes.Buffer
	g := newGather(&out)
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for line := range lines {
				fmt.Fprintf(g, "%d %d\n", writer, line)
			}
		})
	}
	all.Wait()
	g.Close()
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

// A line alone does not wait for others.
func TestGatherPassesOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := newGather(&out)
		defer g.Close()
		fmt.Fprintln(g, "one")
		synctest.Wait()
		if out.String() != "one\n" {
			t.Errorf("passed on: %q", &out)
		}
	})
}

// Where nobody reads, lines wait up to the limit, besides those that are being
// passed on, and then their writers do.
func TestGatherIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		g := newGather(writer)
		line := bytes.Repeat([]byte("x"), 1<<10)
		written := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				_, _ = g.Write(line)
				written++
			}
		}()
		synctest.Wait()
		if written < gatherLimit>>10 || written > 2*(gatherLimit>>10)+2 {
			t.Errorf("%d KiB were taken, the limit is %d", written, gatherLimit>>10)
		}
		read := make(chan int64)
		go func() {
			n, _ := io.Copy(io.Discard, reader)
			read <- n
		}()
		<-done
		g.Close()
		_ = writer.Close()
		if n := <-read; n != 1000<<10 {
			t.Errorf("%d bytes were read", n)
		}
	})
}
