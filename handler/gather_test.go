package main

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

// Where nobody reads, nobody waits: lines are kept up to the limit, then
// dropped, and whoever reads later is told how many.
func TestGatherDropsWhatNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		g := newGather(writer)
		line := append(bytes.Repeat([]byte("x"), 1023), '\n')
		const lines = 3 * gatherLimit / 1024
		for range lines {
			if n, err := g.Write(line); n != len(line) || err != nil {
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
		g.Close()
		_ = writer.Close()
		<-read
		kept := strings.Count(out.String(), string(line))
		var dropped int
		_, rest, _ := strings.Cut(out.String(), `{"level":"warn","lines":`)
		if _, err := fmt.Sscanf(rest, `%d,"message":"log lines were dropped: nobody read them"}`, &dropped); err != nil {
			t.Fatalf("%v in %.200q", err, rest)
		}
		if kept+dropped != lines || kept < gatherLimit/1024 || dropped == 0 {
			t.Errorf("%d lines, %d of them read and %d said to be dropped", lines, kept, dropped)
		}
	})
}

// An end does not wait for somebody to read, and what is written after it does
// no harm.
func TestGatherEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		g := newGather(writer)
		fmt.Fprintln(g, "nobody reads this")
		begin := time.Now()
		g.Close()
		if took := time.Since(begin); took != gatherPatience {
			t.Errorf("it took %s", took)
		}
		fmt.Fprintln(g, "nor this")
		_ = reader.Close()
		<-g.done
	})
}
