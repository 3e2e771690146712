package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rounds is how often both servers are measured in turn. The medians count.
const rounds = 5

// speed is the result of one case.
type speed struct {
	testCase
	answer         int // bytes
	floor, handler load
	// ratio is the median of the rounds' ratios: within a round the machine
	// treats both servers much the same.
	ratio float64
	// cpuPerEvent is the handler's processor time.
	cpuPerEvent time.Duration
}

// bench holds what all measurements need.
type bench struct {
	programs programs
	scratch  string        // a folder
	during   time.Duration // of one measurement
	log      func(format string, args ...any)
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
	var cpu []time.Duration
	for range rounds {
		f, err := closedLoop(ctx, floor, c, b.scratch, b.during)
		if err != nil {
			return result, err
		}
		h, err := closedLoop(ctx, handler, c, b.scratch, b.during)
		if err != nil {
			return result, err
		}
		floors, handlers = append(floors, f), append(handlers, h)
		ratios = append(ratios, h.perSecond()/f.perSecond())
		cpu = append(cpu, h.cpu/time.Duration(h.requests*c.events))
	}
	result.floor, result.handler = medianLoad(floors), medianLoad(handlers)
	result.ratio, result.cpuPerEvent = median(ratios), median(cpu)
	b.log("%s: ratio %.2f, %s of processor time per event", c.name, result.ratio, result.cpuPerEvent)
	return result, nil
}

// startFloor starts the floor server, which gives one answer.
func (b bench) startFloor(ctx context.Context, answer []byte) (*server, error) {
	file := filepath.Join(b.scratch, "answer.json")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		return nil, err
	}
	return start(ctx, b.programs.floor(), file)
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// medianLoad returns the load with the median rate.
func medianLoad(loads []load) load {
	slices.SortFunc(loads, func(a, b load) int { return int(a.perSecond() - b.perSecond()) })
	return loads[len(loads)/2]
}
