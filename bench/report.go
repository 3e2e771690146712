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

// report is all that was measured.
type report struct {
	at        time.Time
	speeds    []speed
	footprint footprint
	growth    []grown
	calls     []grown
	soaked    *soaked
}

// write writes the report in Markdown.
func (r report) write(out io.Writer) {
	fmt.Fprintf(out, `# What the handler costs

Written by %s on %s:
%s, %d cores, %s. The machine is shared, so absolute figures come
and go; the two servers are measured in turn, and the ratios count.

The *floor* is [floor](floor/main.go): net/http reading the body and answering
with the same bytes, nothing else. Both run as the Functions host starts them,
the handler logging every invocation to a pipe that is read.

## Speed

%d connections, each sending as soon as it has its answer; median of %d rounds of
%s. Latencies are those at half of the handler's peak, sent whether or not
answers come (open loop), each from when it was due; medians of %d rounds too.

| delivery | request | answer | floor | handler | events/s | ratio | processor an event | p50 floor | p50 | p99 floor | p99 | ratio |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
`, "`make bench`", r.at.Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), connections, rounds, measuring, rounds)
	for _, s := range r.speeds {
		fmt.Fprintf(out, "| %s | %s | %s | %.0f/s | %.0f/s | %.0f | **%.2f** | %s | %s | %s | %s | %s | **%.2f** |\n",
			s.name, kibibytes(len(s.body)), kibibytes(s.answer), s.floor.perSecond(), s.handler.perSecond(),
			s.handler.perSecond()*float64(s.events), s.ratio, micro(s.cpuPerEvent()),
			micro(s.latencies.floor.p50), micro(s.latencies.handler.p50), micro(s.latencies.floor.p99), micro(s.latencies.handler.p99), s.latencies.ratio)
	}
	f := r.footprint
	fmt.Fprintf(out, `
## Footprint

| what | figure |
|---|---|
| cold start, from exec to the first answer on / (median of %d; the floor takes %s) | %s |
| memory when it has started | %s |
| peak memory after %d events, one at a time on %d connections | %s |
| peak memory after %d events in batches of 100 on %d connections | %s |
| peak memory after one event of 1 MB | %s |
| binary (linux/%s) | %s |
| zip | %s |
`, starts, micro(f.floorColdStart), micro(f.coldStart), mebibytes(f.idle), manyEvents, connections, mebibytes(f.peakSingles),
		manyEvents, connections, mebibytes(f.peakBatches), mebibytes(f.peakLarge), runtime.GOARCH, mebibytes(f.binary), mebibytes(f.zip))
	if r.soaked != nil {
		r.soaked.write(out)
	}
	fmt.Fprint(out, `
## Growth

Whole calls of the server, without a network ('go test ./handler -bench Growth').

`)
	writeGrown(out, r.growth)
	fmt.Fprint(out, `
## Parts

The same for the parts of a call ('go test ./handler -bench Part').

`)
	writeGrown(out, r.calls)
}

func writeGrown(out io.Writer, all []grown) {
	fmt.Fprint(out, "| what | request | ns an event | ns a byte | bytes allocated an event | allocations an event |\n|---|---|---|---|---|---|\n")
	for _, g := range all {
		events := float64(g.events)
		fmt.Fprintf(out, "| %s | %s | %.0f | %.2f | %.0f | %.1f |\n", g.what, kibibytes(int(g.bytes)), g.nanoseconds/events, g.nanoseconds/g.bytes, g.allocated/events, g.allocations/events)
	}
}

func (s soaked) write(out io.Writer) {
	fmt.Fprintf(out, "\n## %d minutes at full load\n\n%d requests, one text and batches of 100 in turn. Memory, the median of each minute:\n\n", int(s.during.Minutes()), s.requests)
	for minute, resident := range s.resident {
		fmt.Fprintf(out, "%d: %s  \n", minute+1, mebibytes(resident))
	}
	if len(s.resident) > 2 {
		fmt.Fprintf(out, "\nThe last minute has **%.2f** times what minute 2 had.\n", float64(s.resident[len(s.resident)-1])/float64(s.resident[1]))
	}
}

// processor is the processor's name.
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

func micro(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}

func kibibytes(n int) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
