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
	// deadLetterDelay is the time from the last attempt to dead-lettering.
	deadLetterDelay = 5 * time.Minute
	// deadLetterTimeout is how long the service tries to write a dead letter.
	deadLetterTimeout = 4 * time.Hour
)

// rules are those by which a service delivers again.
type rules struct {
	// timeout is how long a delivery waits for its answer.
	timeout time.Duration
	// lastSuccess is the last status, from 200, that means success.
	lastSuccess int
	// schedule holds the pause after each attempt; the last one repeats.
	schedule []time.Duration
	// minimumPauses are the shortest pauses after some answers.
	minimumPauses map[int]time.Duration
	// neverRetried are the answers that end the retries.
	neverRetried []int
}

// eventGrid are the rules for an Azure function.
var eventGrid = rules{
	timeout:     30 * time.Second,
	lastSuccess: http.StatusNoContent,
	schedule: []time.Duration{
		10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	},
	minimumPauses: map[int]time.Duration{
		http.StatusUnauthorized:       5 * time.Minute,
		http.StatusNotFound:           5 * time.Minute,
		http.StatusRequestTimeout:     2 * time.Minute,
		http.StatusServiceUnavailable: 30 * time.Second,
	},
	neverRetried: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge},
}

func rulesOf(s Subscription) rules {
	if s.IsMeta() {
		return meta
	}
	return eventGrid
}

// Schedules returns the pause after each attempt; the last one repeats.
func Schedules() (eventGridPauses, metaPauses []time.Duration) {
	return slices.Clone(eventGrid.schedule), slices.Clone(meta.schedule)
}

// pause returns the pause after the n-th attempt; status is 0 if there was no
// answer.
func (r rules) pause(n, status int) time.Duration {
	return max(r.schedule[min(n, len(r.schedule))-1], r.minimumPauses[status])
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
func (s *Service) scheduleRetry(q *queue, batch []*item, function string, started time.Time, result *Result) {
	ended, rules := time.Now(), rulesOf(q.subscription)
	first := rules.pause(batch[0].Attempts+1, result.Status)
	jitter := time.Duration(rand.Int64N(int64(first)/10 + 1)) // the same for the whole batch
	var next time.Duration
	for _, i := range batch {
		i.Attempts++
		i.LastAttempt, i.LastOutcome = started, result.Outcome
		wait := rules.pause(i.Attempts, result.Status) + jitter
		switch {
		case slices.Contains(rules.neverRetried, result.Status):
			i.DeadLetterAs, wait = result.Outcome, deadLetterDelay
		case !q.subscription.IsMeta() && i.Attempts >= q.subscription.MaxDeliveryAttempts:
			i.DeadLetterAs, wait = "MaxDeliveryAttemptsExceeded", deadLetterDelay
		case ended.Add(s.scaled(wait)).Sub(i.Published) > s.scaled(q.subscription.timeToLive()):
			i.DeadLetterAs = "TimeToLiveExceeded" // when the next attempt is due
		default:
			next = max(next, wait)
		}
		i.Next = ended.Add(s.scaled(wait))
		if i.DeadLetterAs != "" {
			result.Dead += len(i.events())
			result.DeadLetterAs = i.DeadLetterAs
		} else if i.Next.After(result.Next) {
			result.Next = i.Next
		}
	}
	if err := s.store.saveAll(batch); err != nil {
		s.options.Log.Error().Msgf("event grid: %s: an attempt is not counted", err)
	}
	count := len(events(batch))
	text := fmt.Sprintf("delivery of %d events to %s failed: %s, attempt %d", count, function, result.Outcome, batch[0].Attempts)
	if result.Dead < count {
		text += fmt.Sprintf("; again in %s", next.Round(time.Second))
		if s.options.TimeScale != 1 {
			text += fmt.Sprintf(", which is %s here", s.scaled(next).Round(time.Millisecond))
		}
	}
	if result.Dead > 0 && q.subscription.IsMeta() {
		text += "; Meta drops it after seven days"
	} else if result.Dead > 0 {
		text += fmt.Sprintf("; %d of them are dead letters (%s)", result.Dead, result.DeadLetterAs)
	}
	s.options.Log.Warn().Msg(text)
}
