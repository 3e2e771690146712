package eventgrid

import (
	"slices"
	"time"
)

// Waiting is an event that waits to be delivered, again or at last.
type Waiting struct {
	Subscription string    `json:"subscription"`
	Function     string    `json:"function"`
	EventID      string    `json:"eventId"`
	Published    time.Time `json:"published"`
	// Attempts is how many were made, and LastOutcome what came of the last.
	Attempts    int    `json:"attempts"`
	MaxAttempts int    `json:"maxAttempts"`
	LastOutcome string `json:"lastOutcome,omitzero"`
	// Next is when something happens: it is delivered or, if DeadLetterAs
	// says why, written as a dead letter.
	Next         time.Time `json:"next"`
	DeadLetterAs string    `json:"deadLetterAs,omitzero"`
}

// Waiting are the events that are not due yet, the soonest first: at most so
// many, and how many there are.
func (s *Service) Waiting(limit int) (soonest []Waiting, count int) {
	now := time.Now()
	for _, q := range s.queues {
		soonest = append(soonest, q.waiting(now)...)
	}
	count = len(soonest)
	slices.SortStableFunc(soonest, func(a, b Waiting) int { return a.Next.Compare(b.Next) })
	return soonest[:min(limit, count)], count
}

func (q *queue) waiting(now time.Time) []Waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []Waiting
	for _, i := range q.items {
		if i.underWay || !i.Next.After(now) {
			continue
		}
		all = append(all, Waiting{
			Subscription: q.subscription.Name,
			Function:     q.subscription.Function,
			EventID:      i.event.ID(),
			Published:    i.Published,
			Attempts:     i.Attempts,
			MaxAttempts:  q.subscription.MaxDeliveryAttempts,
			LastOutcome:  i.LastOutcome,
			Next:         i.Next,
			DeadLetterAs: i.DeadLetterAs,
		})
	}
	return all
}

// Hurry makes everything that waits due now: no pause is waited for.
func (s *Service) Hurry() {
	now := time.Now()
	for _, q := range s.queues {
		q.mu.Lock()
		for _, i := range q.items {
			if i.Next.After(now) {
				i.Next = now
			}
		}
		q.mu.Unlock()
		q.poke()
	}
}
