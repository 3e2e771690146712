// Package faults is what goes wrong on request: a handler that dies, writes
// that fail, deliveries that come late, twice or in another order.
package faults

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// Switches say what goes wrong. The zero value: nothing.
type Switches struct {
	// Crashes is in how many of the next invocations the handler is killed
	// while it reads its request.
	Crashes int
	// FailWrites is the share of writes to outputs that fail, from 0 to 1.
	FailWrites float64
	// Duplicates is the share of deliveries that come again although they
	// were taken, from 0 to 1.
	Duplicates float64
	// Reorder holds every new event back for a time of its own, up to
	// [ReorderWithin], and shuffles those that are delivered together.
	Reorder bool
	// Delay is how long every new event is held back.
	Delay time.Duration
}

// ReorderWithin is how long Reorder holds an event back at most.
const ReorderWithin = 2 * time.Second

// The most that can be asked for.
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
		return errors.New("the share of deliveries that come twice must be from 0 to 1")
	case s.Delay < 0 || s.Delay > MaxDelay:
		return errors.New("the delay must be from 0 to 10 minutes")
	}
	return nil
}

// Faults are switches that can be turned while others act on them. A nil one
// has all of them off.
type Faults struct {
	mu       sync.Mutex
	switches Switches
}

// New has the switches set. The error says what they must be.
func New(s Switches) (*Faults, error) {
	f := &Faults{}
	return f, f.Set(s)
}

// Set turns all switches, unless one of them can't be.
func (f *Faults) Set(s Switches) error {
	if err := s.check(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switches = s
	return nil
}

// Switches are the switches as they are now.
func (f *Faults) Switches() Switches {
	if f == nil {
		return Switches{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.switches
}

// Crash reports whether the handler is to die in this invocation, and counts
// it.
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

// FailWrite reports whether this write is to fail.
func (f *Faults) FailWrite() bool { return happens(f.Switches().FailWrites) }

// Duplicate reports whether this delivery is to come again.
func (f *Faults) Duplicate() bool { return happens(f.Switches().Duplicates) }

// Reorder reports whether events are to be delivered in another order.
func (f *Faults) Reorder() bool { return f.Switches().Reorder }

// Hold is how long to hold back an event that was published now.
func (f *Faults) Hold() time.Duration {
	s := f.Switches()
	hold := s.Delay
	if s.Reorder {
		hold += rand.N(ReorderWithin)
	}
	return hold
}

func happens(share float64) bool { return rand.Float64() < share }
