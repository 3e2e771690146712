package eventgrid

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The service's times.
const (
	// answerTimeout is how long a delivery waits for its answer.
	answerTimeout = 30 * time.Second
	// deadLetterDelay is how long after the last attempt an event that nobody
	// took is written as a dead letter.
	deadLetterDelay = 5 * time.Minute
	// deadLetterPatience is how long the service tries to write it.
	deadLetterPatience = 4 * time.Hour
)

// schedule is the pause behind each attempt; the last one repeats.
var schedule = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// Schedule are the pauses behind each attempt, as the service has them; the
// last one repeats.
func Schedule() []time.Duration { return slices.Clone(schedule) }

// leastPauses are the pauses that some answers ask for at least.
var leastPauses = map[int]time.Duration{
	http.StatusUnauthorized:       5 * time.Minute,
	http.StatusNotFound:           5 * time.Minute,
	http.StatusRequestTimeout:     2 * time.Minute,
	http.StatusServiceUnavailable: 30 * time.Second,
}

// neverRetried are the answers of an Azure function that no repetition heals.
var neverRetried = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge}

// taken reports whether an answer means that the events were taken.
func taken(status int) bool {
	return status >= 200 && status <= 204
}

func retried(status int) bool {
	return !slices.Contains(neverRetried, status)
}

// pause is how long to wait after the n-th attempt, which was answered with
// status, or not at all (0).
func pause(n, status int) time.Duration {
	return max(schedule[min(n, len(schedule))-1], leastPauses[status])
}

// jitter is what the service adds at random to a pause: up to a tenth, the
// same for all events of a batch.
func jitter(p time.Duration) time.Duration {
	return time.Duration(rand.Int64N(int64(p)/10 + 1))
}

// outcome is the service's word for what came of an attempt.
func outcome(status int, timedOut bool) string {
	switch {
	case timedOut:
		return "TimedOut"
	case status == 0:
		return "SocketError"
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return "Busy"
	case status == http.StatusRequestTimeout:
		return "TimedOut"
	default:
		return strings.ReplaceAll(http.StatusText(status), " ", "")
	}
}
