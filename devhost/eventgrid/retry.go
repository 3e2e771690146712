package eventgrid

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// answerTimeout is how long a delivery waits for its answer.
	answerTimeout = 30 * time.Second
	// deadLetterDelay is the time from the last attempt to dead-lettering.
	deadLetterDelay = 5 * time.Minute
	// deadLetterTimeout is how long the service tries to write a dead letter.
	deadLetterTimeout = 4 * time.Hour
)

// schedule holds the pause after each attempt; the last one repeats.
var schedule = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// Schedule returns the service's pause after each attempt; the last one
// repeats.
func Schedule() []time.Duration { return slices.Clone(schedule) }

// minimumPauses are the shortest pauses after some answers.
var minimumPauses = map[int]time.Duration{
	http.StatusUnauthorized:       5 * time.Minute,
	http.StatusNotFound:           5 * time.Minute,
	http.StatusRequestTimeout:     2 * time.Minute,
	http.StatusServiceUnavailable: 30 * time.Second,
}

// neverRetried are the answers of an Azure function that end the retries.
var neverRetried = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge}

// pause returns the pause after the n-th attempt; status is 0 if there was no
// answer.
func pause(n, status int) time.Duration {
	return max(schedule[min(n, len(schedule))-1], minimumPauses[status])
}

// outcome returns the service's name for the result of an attempt.
func outcome(status int, timedOut bool) string {
	switch {
	case timedOut || status == http.StatusRequestTimeout:
		return "TimedOut"
	case status == 0:
		return "SocketError"
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return "Busy"
	default:
		return strings.ReplaceAll(http.StatusText(status), " ", "")
	}
}

// scheduleRetry sets the time of the next attempt after a failed one, or gives
// the events up.
func (s *Service) scheduleRetry(q *queue, batch []*item, started time.Time, result *Result) {
	ended := time.Now()
	first := pause(batch[0].Attempts+1, result.Status)
	jitter := time.Duration(rand.Int64N(int64(first)/10 + 1)) // the same for the whole batch
	var next time.Duration
	for _, i := range batch {
		i.Attempts++
		i.LastAttempt, i.LastOutcome = started, result.Outcome
		wait := pause(i.Attempts, result.Status) + jitter
		switch {
		case slices.Contains(neverRetried, result.Status):
			i.DeadLetterAs, wait = result.Outcome, deadLetterDelay
		case i.Attempts >= q.subscription.MaxDeliveryAttempts:
			i.DeadLetterAs, wait = "MaxDeliveryAttemptsExceeded", deadLetterDelay
		case ended.Add(s.scaled(wait)).Sub(i.Published) > s.scaled(q.subscription.timeToLive()):
			i.DeadLetterAs = "TimeToLiveExceeded" // when the next attempt is due
		default:
			next = max(next, wait)
		}
		i.Next = ended.Add(s.scaled(wait))
		if i.DeadLetterAs != "" {
			result.Dead++
			result.DeadLetterAs = i.DeadLetterAs
		} else if i.Next.After(result.Next) {
			result.Next = i.Next
		}
	}
	if err := s.store.saveAll(batch); err != nil {
		s.options.Log.Error().Msgf("event grid: %s: an attempt is not counted", err)
	}
	text := fmt.Sprintf("delivery of %d events to %s failed: %s, attempt %d", len(batch), q.subscription.Function, result.Outcome, batch[0].Attempts)
	if result.Dead < len(batch) {
		text += fmt.Sprintf("; again in %s", next.Round(time.Second))
		if s.options.TimeScale != 1 {
			text += fmt.Sprintf(", which is %s here", s.scaled(next).Round(time.Millisecond))
		}
	}
	if result.Dead > 0 {
		text += fmt.Sprintf("; %d of them are dead letters (%s)", result.Dead, result.DeadLetterAs)
	}
	s.options.Log.Warn().Msg(text)
}
