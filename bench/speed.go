package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rounds are how often the two are measured in turn. The medians count.
const rounds = 5

// speed is what came of a case.
type speed struct {
	testCase
	answer         int // bytes
	floor, handler load
	// ratio is the median of the rounds' ratios: within a round the machine
	// is much the same to both.
	ratio float64
	// latencies are at half of the handler's peak.
	latencies latencies
}

// bench measures.
type bench struct {
	programs programs
	scratch  string
	during   time.Duration // of one measurement
	say      func(format string, args ...any)
}

// speed drives both servers with a case, in turn.
func (b bench) speed(ctx context.Context, c testCase) (speed, error) {
	result := speed{testCase: c}
	handler, err := start(ctx, b.programs.handler())
	if err != nil {
		return result, err
	}
	defer handler.stop()
	answer, err := handler.call(c)
	if err != nil {
		return result, err
	}
	result.answer = len(answer)
	floor, err := b.startFloor(ctx, answer)
	if err != nil {
		return result, err
	}
	defer floor.stop()

	var floors, handlers []load
	var ratios []float64
	for range rounds {
		f, err := closedLoop(ctx, floor, c, b.scratch, b.during)
		if err != nil {
			return result, err
		}
		h, err := closedLoop(ctx, handler, c, b.scratch, b.during)
		if err != nil {
			return result, err
		}
		floors, handlers, ratios = append(floors, f), append(handlers, h), append(ratios, h.perSecond()/f.perSecond())
	}
	result.floor, result.handler, result.ratio = medianLoad(floors), medianLoad(handlers), median(ratios)

	if result.latencies, err = b.latencies(ctx, floor, handler, c, result.handler.perSecond()/2); err != nil {
		return result, err
	}
	b.say("%s: ratio %.2f, %s of processor an event, p99 %.2f times the floor's", c.name, result.ratio, result.cpuPerEvent(), result.latencies.ratio)
	return result, nil
}

func (s speed) cpuPerEvent() time.Duration {
	return s.handler.cpuPerRequest() / time.Duration(s.events)
}

// startFloor starts the floor with an answer.
func (b bench) startFloor(ctx context.Context, answer []byte) (*server, error) {
	file := filepath.Join(b.scratch, "answer.json")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		return nil, err
	}
	return start(ctx, b.programs.floor(), file)
}

func median[T float64 | time.Duration | int64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// medianLoad is the load with the median rate, and the median processor time
// for each request.
func medianLoad(loads []load) load {
	slices.SortFunc(loads, func(a, b load) int { return int(a.perSecond() - b.perSecond()) })
	middle := loads[len(loads)/2]
	var each []time.Duration
	for _, l := range loads {
		each = append(each, l.cpuPerRequest())
	}
	middle.cpu = median(each) * time.Duration(middle.requests)
	return middle
}
