package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// starts is how often each program is started to measure its cold start.
const starts = 21

// footprint is the handler's cold start, memory and size on disk.
type footprint struct {
	coldStart, floorColdStart time.Duration
	idle                      int64 // bytes, as all below
	// peakSingles and peakBatches are peaks after a hundred thousand events,
	// one at a time and in batches of 100.
	peakSingles, peakBatches int64
	// peakLarge is the peak after a single event of 1 MB.
	peakLarge   int64
	binary, zip int64
}

// manyEvents is the number of events sent before memory is read.
const manyEvents = 100_000

func (b bench) footprint(ctx context.Context, all []testCase) (f footprint, err error) {
	if f.coldStart, f.floorColdStart, err = b.coldStarts(ctx); err != nil {
		return f, err
	}
	one, batch, large := all[0], all[3], all[5]
	for _, m := range []struct {
		peak  *int64
		after func(s *server) error
	}{
		{&f.idle, func(*server) error { return nil }},
		{&f.peakSingles, func(s *server) error { return b.sendAll(ctx, s, one) }},
		{&f.peakBatches, func(s *server) error { return b.sendAll(ctx, s, batch) }},
		{&f.peakLarge, func(s *server) error { _, err := s.call(large); return err }},
	} {
		if *m.peak, err = b.peak(ctx, m.after); err != nil {
			return f, err
		}
	}
	f.binary, f.zip, err = b.sizes(ctx)
	b.log("cold start %s (floor: %s), peak memory %s", f.coldStart, f.floorColdStart, mebibytes(f.peakBatches))
	return f, err
}

// coldStarts returns the median times from exec to the first answer. The two
// programs are started in turn.
func (b bench) coldStarts(ctx context.Context) (handler, floor time.Duration, err error) {
	empty := filepath.Join(b.scratch, "empty.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return 0, 0, err
	}
	var handlers, floors []time.Duration
	for range starts {
		h, err := start(ctx, b.programs.handler())
		if err != nil {
			return 0, 0, err
		}
		h.stop()
		f, err := start(ctx, b.programs.floor(), empty)
		if err != nil {
			return 0, 0, err
		}
		f.stop()
		handlers, floors = append(handlers, h.started), append(floors, f.started)
	}
	return median(handlers), median(floors), nil
}

// peak returns the peak memory of a new handler once after has run.
func (b bench) peak(ctx context.Context, after func(s *server) error) (int64, error) {
	s, err := start(ctx, b.programs.handler())
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if err := after(s); err != nil {
		return 0, err
	}
	return s.peakMemory()
}

// sendAll sends a case until manyEvents have been sent.
func (b bench) sendAll(ctx context.Context, s *server, c testCase) error {
	for sent := 0; sent < manyEvents; {
		l, err := closedLoop(ctx, s, c, b.scratch, time.Second)
		if err != nil {
			return err
		}
		sent += l.requests * c.events
	}
	return nil
}

// sizes returns the sizes of the binary and of the zip that is deployed.
func (b bench) sizes(ctx context.Context) (binary, zip int64, err error) {
	info, err := os.Stat(b.programs.handler())
	if err != nil {
		return 0, 0, err
	}
	packed := filepath.Join(b.scratch, "app.zip")
	text, err := exec.CommandContext(ctx, "go", "run", "./release", "--arch", runtime.GOARCH, "--out", packed).CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("go run ./release: %w: %s", err, text)
	}
	packedInfo, err := os.Stat(packed)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), packedInfo.Size(), nil
}
