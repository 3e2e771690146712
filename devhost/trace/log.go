package trace

import (
	"slices"
	"sync"
)

// The most that is kept; what is older is forgotten.
const (
	// MaxDeliveries is how many deliveries are kept.
	MaxDeliveries = 500
	// MaxLetters is how many dead letters are.
	MaxLetters = 100
	// maxShown is how many events and invocations of a delivery are.
	maxShown = 20
	// maxPosts is the bytes of deliveries as they were posted.
	maxPosts = 32 << 20
)

// Log keeps the last deliveries. The zero value is ready.
type Log struct {
	// Changed, if it is set, is called when there is something new: often, and
	// by many goroutines.
	Changed func()

	mu         sync.Mutex
	revision   uint64
	deliveries []*Delivery // the oldest first
	byID       map[string]*Delivery
	posts      int // bytes
	letters    []Letter
	letterRev  uint64
	forgotten  int
}

// Since are the deliveries that have changed since a revision, the oldest
// first, and the revision that it is now. It tells which is the oldest delivery
// that is kept.
func (l *Log) Since(revision uint64) (changed []Delivery, now uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.deliveries {
		if d.revision > revision {
			changed = append(changed, d.clone())
		}
	}
	return changed, l.revision
}

// Forgotten is how many deliveries there were that are not kept any more.
func (l *Log) Forgotten() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.forgotten
}

// Letters are the last dead letters, the newest first, if there are any since a
// revision.
func (l *Log) Letters(revision uint64) (letters []Letter, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.letterRev <= revision {
		return nil, false
	}
	letters = slices.Clone(l.letters)
	slices.Reverse(letters)
	return letters, true
}

// Find returns a delivery, and how it was posted if that is still known.
func (l *Log) Find(id string) (Delivery, Post, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.byID[id]
	if d == nil {
		return Delivery{}, Post{}, false
	}
	return d.clone(), d.post, true
}

// Clear forgets what is over.
func (l *Log) Clear() {
	l.change(func() {
		var kept []*Delivery
		for _, d := range l.deliveries {
			if d.Outcome == UnderWay {
				kept = append(kept, d)
				continue
			}
			l.forget(d)
		}
		l.deliveries, l.letters, l.forgotten = kept, nil, 0
		l.letterRev = l.revision
	})
}

// change changes the log, as a new revision, and says so.
func (l *Log) change(do func()) {
	l.mu.Lock()
	l.revision++
	do()
	l.mu.Unlock()
	if l.Changed != nil {
		l.Changed()
	}
}

// add keeps one more delivery.
func (l *Log) add(d *Delivery) {
	if l.byID == nil {
		l.byID = map[string]*Delivery{}
	}
	d.revision = l.revision
	l.deliveries = append(l.deliveries, d)
	l.byID[d.ID] = d
	l.posts += len(d.post.Body)
	if len(l.deliveries) > MaxDeliveries {
		l.forget(l.deliveries[0])
		l.deliveries = slices.Delete(l.deliveries, 0, 1)
		l.forgotten++
	}
	for _, old := range l.deliveries {
		if l.posts <= maxPosts {
			break
		}
		l.posts -= len(old.post.Body)
		old.post = Post{}
	}
}

func (l *Log) forget(d *Delivery) {
	delete(l.byID, d.ID)
	l.posts -= len(d.post.Body)
}

func (d *Delivery) clone() Delivery {
	c := *d
	c.Invocations = slices.Clone(d.Invocations)
	return c
}
