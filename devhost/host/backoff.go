package host

import (
	"math/rand/v2"
	"time"
)

// minPolling is the pause after a queue has become empty
// (QueuePollingIntervals.cs).
const minPolling = 100 * time.Millisecond

// backoff computes the pauses between looks at an empty queue. They double up to
// a maximum (RandomizedExponentialBackoffStrategy.cs).
type backoff struct {
	maximum time.Duration
	current time.Duration
	doubled int
}

// next returns the next pause. found reports whether there was a message since
// the last pause.
func (b *backoff) next(found bool) time.Duration {
	if found {
		b.current, b.doubled = minPolling, 1
		return b.current
	}
	if b.current == b.maximum {
		return b.current
	}
	pause := minPolling
	if b.doubled > 0 {
		const randomness = 0.2
		factor := 1 - randomness + 2*randomness*rand.Float64()
		pause += time.Duration(factor * float64(minPolling<<(b.doubled-1)))
	}
	if pause < b.maximum {
		b.current = pause
		b.doubled++
	} else {
		b.current = b.maximum
	}
	return b.current
}
