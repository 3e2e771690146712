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

// grown is one line of BenchmarkGrowth, which calls the server without a
// network, with batches and events of growing size.
type grown struct {
	what        string
	events      int
	bytes       float64 // of a request
	nanoseconds float64 // per request
	allocated   float64 // bytes per request
	allocations float64 // per request
}

// goBenchmark matches a line such as
//
//	BenchmarkGrowth/batch_of_100-2  1155  918280 ns/op  154.40 MB/s  100 events/op  141000 B/request  305890 B/op  930 allocs/op
var goBenchmark = regexp.MustCompile(`^Benchmark\w+/(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// growth runs BenchmarkGrowth of the handler's package.
func (b bench) growth(ctx context.Context) ([]grown, error) {
	command := exec.CommandContext(ctx, "go", "test", "./handler", "-run=^$", "-bench=Growth", "-benchmem", "-benchtime="+b.during.String())
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench Growth: %w: %s", err, text)
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
				return nil, fmt.Errorf("go test -bench Growth: %q: %w", lines.Text(), err)
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
		return nil, fmt.Errorf("go test -bench Growth: no figures in: %s", text)
	}
	return all, nil
}
