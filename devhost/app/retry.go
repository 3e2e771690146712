package app

import (
	"strings"
	"time"
)

// Retry is a retry policy, of host.json or of a function.
type Retry struct {
	// Max is how often an invocation is tried again; -1 is without end.
	Max int
	// Least and Most bound the pause ahead of a retry: it is the same each
	// time, or doubles from the one to the other.
	Least, Most time.Duration
}

// Delay is the pause ahead of the n-th retry.
func (r Retry) Delay(n int) time.Duration {
	delay := r.Least
	for range n - 1 {
		if delay >= r.Most {
			break
		}
		delay *= 2
	}
	return min(delay, r.Most)
}

// readRetry reads the section retry, if there is one.
func readRetry(s section) *Retry {
	retry := s.in("retry")
	if retry.missing() {
		return nil
	}
	s.warn("retry", "applies to events too, though the documentation denies it: a delivery is held until the last try, and Event Grid waits for 30 seconds only")
	r := &Retry{Max: retry.number("maxRetryCount", -1)}
	switch strings.ToLower(retry.text("strategy", "")) {
	case "fixeddelay":
		r.Least = retry.duration("delayInterval", 0)
		r.Most = r.Least
	case "exponentialbackoff":
		r.Least = retry.duration("minimumInterval", 0)
		r.Most = retry.duration("maximumInterval", 0)
	default:
		retry.complain("strategy", `must be "fixedDelay" or "exponentialBackoff"`)
	}
	return r
}
