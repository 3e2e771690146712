package main

import (
	"context"
	"time"
)

// soaked is memory in the course of a long time at full load.
type soaked struct {
	during time.Duration
	// resident is what the handler had in memory in every minute: the median
	// of a look each second.
	resident []int64
	requests int
}

// soak drives the handler as hard as it goes for a long time, with one text
// message and with batches in turn.
func (b bench) soak(ctx context.Context, all []testCase, during time.Duration) (*soaked, error) {
	s, err := start(ctx, b.programs.handler())
	if err != nil {
		return nil, err
	}
	defer s.stop()
	result := &soaked{during: during}
	for minute := range int(during / time.Minute) {
		watched := watch(s)
		for _, c := range []testCase{all[0], all[3]} {
			l, err := closedLoop(ctx, s, c, b.scratch, 30*time.Second)
			if err != nil {
				return nil, err
			}
			result.requests += l.requests
		}
		resident := median(watched())
		result.resident = append(result.resident, resident)
		b.say("minute %d: %s", minute+1, mebibytes(resident))
	}
	return result, nil
}

// watch looks at a server's memory every second until the function that it
// returns is called, which tells what it saw.
func watch(s *server) func() []int64 {
	stop, seen := make(chan struct{}), make(chan []int64)
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		var all []int64
		for {
			select {
			case <-ticker.C:
				if resident, err := s.memory("VmRSS"); err == nil {
					all = append(all, resident)
				}
			case <-stop:
				seen <- all
				return
			}
		}
	}()
	return func() []int64 {
		close(stop)
		return <-seen
	}
}
