package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	at        time.Time
	during    time.Duration
	speeds    []speed
	footprint footprint
	growth    []grown
}

// write writes the report in Markdown.
func (r report) write(out io.Writer) {
	fmt.Fprintf(out, `# What the handler costs

Written by %s on %s:
%s, %d cores, %s. The machine is shared, so absolute figures vary
from run to run. The two servers are measured in turn, and the ratios count.

The *floor* is [floor](floor/main.go): net/http reading the body and answering
with the same bytes, nothing else. Both run as the Functions host starts them.
The handler logs every invocation to a pipe that is read.

## Speed

%d connections, each sending as soon as it has its answer; median of %d rounds of
%s. There are no latency percentiles: the load generator and the server share the
cores, so a tail would show the scheduler and not the handler.

| delivery | request | answer | floor | handler | events/s | ratio | processor time per event |
|---|---|---|---|---|---|---|---|
`, "`make bench`", r.at.Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), connections, rounds, r.during)
	for _, s := range r.speeds {
		fmt.Fprintf(out, "| %s | %s | %s | %.0f/s | %.0f/s | %.0f | **%.2f** | %s |\n",
			s.name, kibibytes(len(s.body)), kibibytes(s.answer), s.floor.perSecond(), s.handler.perSecond(),
			s.handler.perSecond()*float64(s.events), s.ratio, duration(s.cpuPerEvent))
	}
	f := r.footprint
	fmt.Fprint(out, "\n## Footprint\n\n| what | figure |\n|---|---|\n")
	for _, line := range [][2]string{
		{fmt.Sprintf("cold start, from exec to the first answer (median of %d; floor: %s)", starts, duration(f.floorColdStart)), duration(f.coldStart)},
		{"memory after the start", mebibytes(f.idle)},
		{fmt.Sprintf("peak memory after %d events, one at a time on %d connections", manyEvents, connections), mebibytes(f.peakSingles)},
		{fmt.Sprintf("peak memory after %d events, in batches of 100 on %d connections", manyEvents, connections), mebibytes(f.peakBatches)},
		{"peak memory after one event of 1 MB", mebibytes(f.peakLarge)},
		{"binary (linux/" + runtime.GOARCH + ")", mebibytes(f.binary)},
		{"zip", mebibytes(f.zip)},
	} {
		fmt.Fprintf(out, "| %s | %s |\n", line[0], line[1])
	}
	fmt.Fprint(out, `
## Growth

Whole calls of the server, without a network ('go test ./handler -bench Growth').

| what | request | ns per event | ns per byte | bytes allocated per event | allocations per event |
|---|---|---|---|---|---|
`)
	for _, g := range r.growth {
		events := float64(g.events)
		fmt.Fprintf(out, "| %s | %s | %.0f | %.2f | %.0f | %.1f |\n", g.what, kibibytes(int(g.bytes)), g.nanoseconds/events, g.nanoseconds/g.bytes, g.allocated/events, g.allocations/events)
	}
}

// processor returns the processor's name.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func duration(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}

func kibibytes(n int) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
