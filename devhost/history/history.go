// Package history keeps what happened: the conversation, the deliveries and
// their invocations in memory, and the transcripts of invocations in files.
package history

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"slices"
	"sync"
)

// The limits of what a Log keeps. It drops the oldest first.
const (
	MaxMessages    = 300
	MaxDeliveries  = 500
	MaxDeadLetters = 100
	// maxStatuses limits the statuses of a message, maxShown the events and
	// invocations of a delivery, maxCodes the error codes.
	maxStatuses = 20
	maxShown    = 20
	maxCodes    = 200
	// MaxBytes limits the size of each kind as JSON, and that of the bodies of
	// deliveries.
	MaxBytes = 32 << 20
)

// Log keeps the last messages, deliveries and dead letters in memory. The zero
// value is ready to use.
type Log struct {
	mu          sync.Mutex
	revision    uint64
	cleared     uint64 // the revision of the last Clear
	writes      int
	changed     chan struct{} // closed after a change
	lastID      int
	messages    recent[*Message]
	deliveries  recent[*Delivery]
	deadLetters recent[*DeadLetter]
	events      map[string]trackedEvent // by event id
	failures    map[string]Failure      // by error code
	bodies      int                     // bytes
}

// Changes are the items that changed after a revision, the oldest first.
type Changes struct {
	// Reset means that older items are gone: these are all.
	Reset      bool       `json:"reset,omitzero"`
	Messages   []Message  `json:"messages,omitzero"`
	Deliveries []Delivery `json:"deliveries,omitzero"`
	// DeadLetters are all of them if one is new, the newest first.
	DeadLetters *[]DeadLetter `json:"deadLetters,omitzero"`
}

// Dropped counts the items that a Log keeps no longer.
type Dropped struct {
	Messages   int `json:"messages"`
	Deliveries int `json:"deliveries"`
}

// Since returns the changes after a revision, and the current revision.
func (l *Log) Since(revision uint64) (Changes, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := Changes{Reset: revision == 0 || revision < l.cleared}
	if c.Reset {
		revision = 0
	}
	for _, i := range l.messages.since(revision) {
		c.Messages = append(c.Messages, i.clone())
	}
	for _, i := range l.deliveries.since(revision) {
		c.Deliveries = append(c.Deliveries, i.clone())
	}
	if c.Reset || l.deadLetters.changed > revision {
		all := []DeadLetter{}
		for _, i := range slices.Backward(l.deadLetters.items) {
			all = append(all, *i.value)
		}
		c.DeadLetters = &all
	}
	return c, l.revision
}

// Writes counts the invocations and dead letters, which may have changed storage.
func (l *Log) Writes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// Dropped returns how many items are not kept any longer.
func (l *Log) Dropped() Dropped {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Dropped{l.messages.dropped, l.deliveries.dropped}
}

// Failures returns how the app classified error codes since it was started.
func (l *Log) Failures() map[string]Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.failures)
}

// Clear removes everything except failures and deliveries in progress.
func (l *Log) Clear() {
	l.change(func() {
		l.cleared = l.revision
		l.messages, l.deadLetters, l.events, l.bodies = recent[*Message]{}, recent[*DeadLetter]{}, nil, 0
		var inProgress recent[*Delivery]
		for _, i := range l.deliveries.items {
			if i.value.Outcome == InProgress {
				inProgress.items, inProgress.bytes = append(inProgress.items, i), inProgress.bytes+i.bytes
				l.bodies += len(i.value.post.Body)
			}
		}
		l.deliveries = inProgress
	})
}

// Changed returns a channel that is closed at the next change.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// Notify closes the channels of Changed, for changes outside of the log.
func (l *Log) Notify() { l.change(func() {}) }

// change makes a change, which gets a new revision.
func (l *Log) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revision++
	do()
	l.limit()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// limit drops what is over the limits.
func (l *Log) limit() {
	for _, m := range l.messages.limit(MaxMessages) {
		maps.DeleteFunc(l.events, func(_ string, e trackedEvent) bool { return e.message == m })
	}
	for _, d := range l.deliveries.limit(MaxDeliveries) {
		l.bodies -= len(d.post.Body)
	}
	for _, i := range l.deliveries.items {
		if l.bodies <= MaxBytes {
			break
		}
		l.bodies -= len(i.value.post.Body)
		i.value.post = Post{}
	}
	l.deadLetters.limit(MaxDeadLetters)
}

// recent is the newest items of one kind, the oldest first.
type recent[T comparable] struct {
	items   []*item[T]
	bytes   int
	changed uint64 // the revision of the last change
	dropped int
}

type item[T comparable] struct {
	value    T
	revision uint64
	bytes    int
}

// put adds an item or notes that it has changed.
func (r *recent[T]) put(value T, revision uint64) {
	i := slices.IndexFunc(r.items, func(i *item[T]) bool { return i.value == value })
	if i < 0 {
		i = len(r.items)
		r.items = append(r.items, &item[T]{value: value})
	}
	text, _ := json.Marshal(value, tolerant)
	r.bytes += len(text) - r.items[i].bytes
	r.items[i].bytes, r.items[i].revision, r.changed = len(text), revision, revision
}

func (r *recent[T]) since(revision uint64) (changed []T) {
	for _, i := range r.items {
		if i.revision > revision {
			changed = append(changed, i.value)
		}
	}
	return changed
}

// limit drops the oldest items that are too many, and returns them.
func (r *recent[T]) limit(count int) (dropped []T) {
	for len(r.items) > count || r.bytes > MaxBytes {
		dropped = append(dropped, r.items[0].value)
		r.bytes -= r.items[0].bytes
		r.items = slices.Delete(r.items, 0, 1)
		r.dropped++
	}
	return dropped
}

// tolerant reads and writes the JSON that Azure may send.
var tolerant = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
