package main

import (
	"context"
	"slices"
	"time"
)

// latency is how long answers took, each from the moment at which its request
// was due, whether or not it could be sent then.
type latency struct {
	p50, p99 time.Duration
}

// latencyOf sorts what each answer took.
func latencyOf(took []time.Duration) latency {
	slices.Sort(took)
	percentile := func(p int) time.Duration { return took[len(took)*p/100] }
	return latency{p50: percentile(50), p99: percentile(99)}
}

// latencies are those of both servers at one rate.
type latencies struct {
	floor, handler latency
	// ratio is the median of the rounds' ratios of the p99s.
	ratio float64
}

// latencies sends both servers so many requests a second, in turn.
func (b bench) latencies(ctx context.Context, floor, handler *server, c testCase, rate float64) (l latencies, err error) {
	var floors, handlers []latency
	var ratios []float64
	for range rounds {
		f, err := openLoop(ctx, floor, c, rate, b.during)
		if err != nil {
			return l, err
		}
		h, err := openLoop(ctx, handler, c, rate, b.during)
		if err != nil {
			return l, err
		}
		floors, handlers, ratios = append(floors, f), append(handlers, h), append(ratios, float64(h.p99)/float64(f.p99))
	}
	return latencies{floor: medianLatency(floors), handler: medianLatency(handlers), ratio: median(ratios)}, nil
}

func medianLatency(all []latency) latency {
	var p50, p99 []time.Duration
	for _, l := range all {
		p50, p99 = append(p50, l.p50), append(p99, l.p99)
	}
	return latency{p50: median(p50), p99: median(p99)}
}
