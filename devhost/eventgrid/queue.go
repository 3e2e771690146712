package eventgrid

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// queue holds the undelivered events of one subscription.
type queue struct {
	subscription Subscription

	mu    sync.Mutex
	items []*item
	// wake receives when an event may be due.
	wake chan struct{}
}

func newQueue(subscription Subscription, items []*item) *queue {
	return &queue{subscription: subscription, items: items, wake: make(chan struct{}, 1)}
}

// change changes the items under the lock, and wakes the delivery.
func (q *queue) change(change func()) {
	q.mu.Lock()
	change()
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) add(items ...*item) {
	q.change(func() { q.items = append(q.items, items...) })
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// take returns a batch of due events for a subscription: all to be delivered,
// or all dead letters. They are not taken again before putBack. If no event is
// due, it returns the time until one will be, or -1.
func (q *queue) take(now time.Time, subscription Subscription, shuffle bool) (batch []*item, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if shuffle {
		rand.Shuffle(len(q.items), func(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] })
	}
	wait = -1
	limit, size := subscription.PreferredBatchSizeInKilobytes<<10, 0
	for _, i := range q.items {
		if i.inDelivery {
			continue
		}
		if due := i.Next.Sub(now); due > 0 {
			if wait < 0 || due < wait {
				wait = due
			}
			continue
		}
		length := len(i.event.In(subscription.DeliverySchema).JSON())
		switch {
		case len(batch) == 0:
		case len(batch) == subscription.MaxEventsPerBatch, size+length > limit:
			return batch, 0
		case (i.DeadLetterAs == "") != (batch[0].DeadLetterAs == ""), i.repeated != batch[0].repeated:
			continue
		}
		i.inDelivery = true
		batch = append(batch, i)
		size += length
	}
	return batch, wait
}

// putBack makes events due at their next time.
func (q *queue) putBack(batch []*item) {
	q.change(func() {
		for _, i := range batch {
			i.inDelivery = false
		}
	})
}

// remove removes events.
func (q *queue) remove(batch []*item) {
	gone := make(map[*item]bool, len(batch))
	for _, i := range batch {
		gone[i] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = slices.DeleteFunc(q.items, func(i *item) bool { return gone[i] })
}

// events returns the events of an item: one, or all updates of a webhook.
func (i *item) events() []Event {
	if body, ok := i.event.webhookBody(); ok {
		return Updates(body)
	}
	return []Event{i.event}
}

// Waiting is an event that waits for its next attempt, or for its first one.
type Waiting struct {
	Subscription string    `json:"subscription"`
	Function     string    `json:"function"`
	EventID      string    `json:"eventId"`
	Published    time.Time `json:"published"`
	Attempts     int       `json:"attempts"`
	MaxAttempts  int       `json:"maxAttempts"`
	LastOutcome  string    `json:"lastOutcome,omitzero"`
	// Next is the time of the next attempt or, if DeadLetterAs is set, of
	// dead-lettering.
	Next         time.Time `json:"next"`
	DeadLetterAs string    `json:"deadLetterAs,omitzero"`
}

// Waiting returns the first events that are not due yet, and the number of all
// of them.
func (s *Service) Waiting(limit int) (soonest []Waiting, count int) {
	now := time.Now()
	for _, q := range s.queues {
		function := s.subscription(q).Function
		q.mu.Lock()
		for _, i := range q.items {
			if !i.inDelivery && i.Next.After(now) {
				soonest = append(soonest, Waiting{
					q.subscription.Name, function, i.event.ID(), i.Published,
					i.Attempts, q.subscription.MaxDeliveryAttempts, i.LastOutcome, i.Next, i.DeadLetterAs,
				})
			}
		}
		q.mu.Unlock()
	}
	slices.SortStableFunc(soonest, func(a, b Waiting) int { return a.Next.Compare(b.Next) })
	return soonest[:min(limit, len(soonest))], len(soonest)
}

// DeliverNow makes all waiting events due. Those in delivery belong to the delivery.
func (s *Service) DeliverNow() {
	now := time.Now()
	for _, q := range s.queues {
		q.change(func() {
			for _, i := range q.items {
				if !i.inDelivery && i.Next.After(now) {
					i.Next = now
				}
			}
		})
	}
}
