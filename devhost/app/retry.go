package app

import (
	"math"
	"time"
)

// Retry is a retry policy of host.json or of a function.
type Retry struct {
	// Max is the number of retries; -1 is unlimited.
	Max int
	// Least and Most are the shortest and the longest pause. It doubles from
	// one to the other.
	Least, Most time.Duration
}

// Delay returns the pause before the n-th retry.
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

// readRetry returns nil if there is no retry policy.
func readRetry(s section) *Retry {
	retry := s.section("retry")
	if retry.value.Fields == nil {
		return nil
	}
	s.warn("retry", "applies to events too, although the documentation denies it: a delivery waits for the last retry, but Event Grid waits 30 seconds at most")
	r := &Retry{Max: retry.int("maxRetryCount", -1, -1, math.MaxInt32)}
	if retry.oneOf("strategy", "", "fixedDelay", "exponentialBackoff") == "fixedDelay" {
		r.Least = retry.duration("delayInterval", 0)
		r.Most = r.Least
	} else {
		r.Least = retry.duration("minimumInterval", 0)
		r.Most = retry.duration("maximumInterval", 0)
	}
	return r
}
