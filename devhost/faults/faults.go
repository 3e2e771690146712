// Package faults injects faults: crashes of the handler, failed writes, and
// deliveries that are late, repeated or in a different order.
package faults

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Switches select the faults. The zero value has no faults.
type Switches struct {
	// Crashes is the number of next invocations in which the handler is killed
	// while it reads the request.
	Crashes int
	// FailWrites is the share of writes to outputs that fail, from 0 to 1.
	FailWrites float64
	// Duplicates is the share of accepted deliveries that are repeated, from 0
	// to 1. Queue messages that were processed are repeated too.
	Duplicates float64
	// Reorder delays every new event by up to [ReorderWithin], and shuffles the
	// events of a delivery.
	Reorder bool
	// Delay is added to every new event.
	Delay time.Duration
}

// ReorderWithin is the maximum delay of Reorder.
const ReorderWithin = 2 * time.Second

// The limits of Switches.
const (
	MaxCrashes = 100
	MaxDelay   = 10 * time.Minute
)

func (s Switches) check() error {
	switch {
	case s.Crashes < 0 || s.Crashes > MaxCrashes:
		return errors.New("crashes must be a number from 0 to 100")
	case !(s.FailWrites >= 0 && s.FailWrites <= 1):
		return errors.New("the share of writes that fail must be from 0 to 1")
	case !(s.Duplicates >= 0 && s.Duplicates <= 1):
		return errors.New("the share of deliveries that are repeated must be from 0 to 1")
	case s.Delay < 0 || s.Delay > MaxDelay:
		return errors.New("the delay must be from 0 to 10 minutes")
	}
	return nil
}

// Faults are switches for several goroutines. A nil *Faults has no faults.
type Faults struct {
	mu       sync.Mutex
	switches Switches
}

// New returns Faults with these switches, or an error about a value.
func New(s Switches) (*Faults, error) {
	f := &Faults{}
	return f, f.Set(s)
}

// Set replaces all switches, unless a value is invalid.
func (f *Faults) Set(s Switches) error {
	if err := s.check(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switches = s
	return nil
}

// Switches returns the current switches.
func (f *Faults) Switches() Switches {
	if f == nil {
		return Switches{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.switches
}

// Crash reports whether to kill the handler in this invocation, and counts it.
func (f *Faults) Crash() bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.switches.Crashes == 0 {
		return false
	}
	f.switches.Crashes--
	return true
}

// FailWrite reports whether this write must fail.
func (f *Faults) FailWrite() bool { return happens(f.Switches().FailWrites) }

// Duplicate reports whether to repeat this delivery.
func (f *Faults) Duplicate() bool { return happens(f.Switches().Duplicates) }

// Reorder reports whether to deliver events in a different order.
func (f *Faults) Reorder() bool { return f.Switches().Reorder }

// Hold returns the delay of an event that is published now.
func (f *Faults) Hold() time.Duration {
	s := f.Switches()
	hold := s.Delay
	if s.Reorder {
		hold += rand.N(ReorderWithin)
	}
	return hold
}

func happens(share float64) bool { return rand.Float64() < share }
