package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// starts are how often a program is started to see how long it takes.
const starts = 21

// footprint is what the handler takes besides time.
type footprint struct {
	coldStart, floorColdStart time.Duration
	idle                      int64 // bytes, as all below
	// peakSingles and peakBatches are after a hundred thousand events, one
	// at a time and in batches of 100, on all connections.
	peakSingles, peakBatches int64
	// peakLarge is after a single event of 1 MB.
	peakLarge   int64
	binary, zip int64
}

// events are how many are sent before memory is looked at.
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
	b.say("cold start %s (the floor %s), peak %s", f.coldStart, f.floorColdStart, mebibytes(f.peakBatches))
	return f, err
}

// coldStarts are the median times from start to first answer. The two are
// started in turn.
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

// peak is the most memory that a handler has had after something.
func (b bench) peak(ctx context.Context, after func(s *server) error) (int64, error) {
	s, err := start(ctx, b.programs.handler())
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if err := after(s); err != nil {
		return 0, err
	}
	return s.memory("VmHWM")
}

// sendAll sends a case until there have been many events.
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

// sizes are those of the binary and of the zip that is deployed.
func (b bench) sizes(ctx context.Context) (binary, zip int64, err error) {
	info, err := os.Stat(b.programs.handler())
	if err != nil {
		return 0, 0, err
	}
	packed := filepath.Join(b.scratch, "app.zip")
	text, err := exec.CommandContext(ctx, "zip", "-q", "-9", "-j", packed, b.programs.handler(), "host.json").CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("zip: %w: %s", err, text)
	}
	packedInfo, err := os.Stat(packed)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), packedInfo.Size(), nil
}
