package eventgrid

import (
	"math/rand/v2"
	"sync"
	"time"
)

// queue holds the events on their way to one subscription.
type queue struct {
	subscription Subscription

	mu    sync.Mutex
	items []*item
	// wake is told when there may be something to do.
	wake chan struct{}
}

func newQueue(subscription Subscription, items []*item) *queue {
	return &queue{subscription: subscription, items: items, wake: make(chan struct{}, 1)}
}

func (q *queue) add(items ...*item) {
	q.mu.Lock()
	q.items = append(q.items, items...)
	q.mu.Unlock()
	q.poke()
}

func (q *queue) poke() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// take returns the events that are due, at most a batch of them, all to be
// delivered or all dead letters; none is taken again before it is put back.
// Where none is due it returns how long until one will be, or -1.
//
// How events are to be delivered is said by the subscription that it is given.
// Shuffled, they are taken in any order.
func (q *queue) take(now time.Time, subscription Subscription, shuffled bool) (batch []*item, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if shuffled {
		rand.Shuffle(len(q.items), func(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] })
	}
	wait = -1
	limit, size := subscription.PreferredBatchSizeInKilobytes<<10, 0
	for _, i := range q.items {
		if i.underWay {
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
		i.underWay = true
		batch = append(batch, i)
		size += length
	}
	return batch, wait
}

// putBack makes events that were taken due again at their time.
func (q *queue) putBack(batch []*item) {
	q.mu.Lock()
	for _, i := range batch {
		i.underWay = false
	}
	q.mu.Unlock()
	q.poke()
}

// drop forgets events for good.
func (q *queue) drop(batch []*item) {
	gone := make(map[*item]bool, len(batch))
	for _, i := range batch {
		gone[i] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	kept := q.items[:0]
	for _, i := range q.items {
		if !gone[i] {
			kept = append(kept, i)
		}
	}
	clear(q.items[len(kept):])
	q.items = kept
}
