package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// grown is a line of the benchmark that makes batches and events larger and
// larger: whole calls of the server, without a network.
type grown struct {
	what        string
	events      int
	bytes       float64 // of a request
	nanoseconds float64 // for a request
	allocated   float64 // bytes for a request
	allocations float64
}

// goBenchmark is a line such as
//
//	BenchmarkGrowth/batch_of_100-2  1155  918280 ns/op  154.40 MB/s  100 events/op  141000 B/request  305890 B/op  930 allocs/op
var goBenchmark = regexp.MustCompile(`^Benchmark\w+/(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// growth runs the Go benchmarks of a name in the handler's package.
func (b bench) growth(ctx context.Context, name string) ([]grown, error) {
	command := exec.CommandContext(ctx, "go", "test", "./handler", "-run=^$", "-bench="+name, "-benchmem", "-benchtime="+b.during.String())
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench %s: %w: %s", name, err, text)
	}
	var all []grown
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		found := goBenchmark.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		g := grown{what: strings.ReplaceAll(found[1], "_", " "), events: 1}
		fields := strings.Fields(found[2])
		for i := 0; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("go test -bench: %q: %w", lines.Text(), err)
			}
			switch fields[i+1] {
			case "ns/op":
				g.nanoseconds = value
			case "events/op":
				g.events = int(value)
			case "B/request":
				g.bytes = value
			case "B/op":
				g.allocated = value
			case "allocs/op":
				g.allocations = value
			}
		}
		all = append(all, g)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("go test -bench %s: no figures in: %s", name, text)
	}
	b.say("%s: %d lines", name, len(all))
	return all, nil
}
