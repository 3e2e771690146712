package chat

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// The most that is kept; what is older is forgotten.
const (
	// MaxEntries is how many messages are kept.
	MaxEntries = 300
	// maxStatuses is how many statuses of a message are.
	maxStatuses = 20
	// maxCodes is of how many codes it is kept what the app says of them.
	maxCodes = 200
)

var _ eventgrid.Observer = (*Log)(nil)

// Log keeps the last messages. The zero value is ready.
type Log struct {
	// Changed, if it is set, is called when there is something new: often, and
	// by many goroutines.
	Changed func()

	mu        sync.Mutex
	revision  uint64
	last      int
	entries   []*Entry           // the oldest first
	events    map[string]tracked // by id
	failures  map[string]Failure // by code
	forgotten int
}

// tracked is an event that is waited for, and the entry that shows it.
type tracked struct {
	entry    *Entry
	progress *Progress
}

// Since are the messages that have changed since a revision, the oldest first,
// and the revision that it is now.
func (l *Log) Since(revision uint64) (changed []Entry, now uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.revision > revision {
			changed = append(changed, e.clone())
		}
	}
	return changed, l.revision
}

// Forgotten is how many messages there were that are not kept any more.
func (l *Log) Forgotten() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.forgotten
}

// Failures are what the app said of codes, since it was started.
func (l *Log) Failures() map[string]Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.failures)
}

// ErrThere says that there is a message of this id.
var ErrThere = errors.New("there is a message with this id already")

// Send adds a message that the business sent. Nothing is published of it.
func (l *Log) Send(id, text string, to whatsapp.Person) error {
	return l.change(func() error {
		if l.outgoing(id) != nil {
			return fmt.Errorf("%s: %w", id, ErrThere)
		}
		l.add(&Entry{At: time.Now(), Outgoing: true, MessageID: id, Kind: "text", Text: text, Person: to})
		return nil
	})
}

// Clear forgets all messages, though not what the app says of codes.
func (l *Log) Clear() {
	_ = l.change(func() error {
		l.entries, l.events, l.forgotten = nil, nil, 0
		return nil
	})
}

// change changes the log, as a new revision, and says so.
func (l *Log) change(do func() error) error {
	l.mu.Lock()
	l.revision++
	err := do()
	l.mu.Unlock()
	if l.Changed != nil {
		l.Changed()
	}
	return err
}

func (l *Log) outgoing(id string) *Entry {
	for _, e := range slices.Backward(l.entries) {
		if e.Outgoing && e.MessageID == id {
			return e
		}
	}
	return nil
}

func (l *Log) add(e *Entry) {
	l.last++
	e.ID, e.revision = l.last, l.revision
	l.entries = append(l.entries, e)
	if len(l.entries) > MaxEntries {
		oldest := l.entries[0]
		l.entries = slices.Delete(l.entries, 0, 1)
		l.forgotten++
		maps.DeleteFunc(l.events, func(_ string, t tracked) bool { return t.entry == oldest })
	}
}

// follow makes what becomes of an event be told of an entry.
func (l *Log) follow(event string, e *Entry) *Progress {
	if l.events == nil {
		l.events = map[string]tracked{}
	}
	p := &Progress{ID: event, State: Published, Published: 1}
	l.events[event] = tracked{e, p}
	return p
}

// again counts an event that is published once more, if it is known.
func (l *Log) again(event string) bool {
	t, ok := l.events[event]
	if ok {
		t.progress.Published++
		t.progress.State = Published
		t.entry.revision = l.revision
	}
	return ok
}

func (e *Entry) clone() Entry {
	c := *e
	if e.Event != nil {
		progress := *e.Event
		c.Event = &progress
	}
	c.Statuses = make([]*Status, len(e.Statuses))
	for i, s := range e.Statuses {
		status, progress := *s, *s.Event
		status.Event = &progress
		c.Statuses[i] = &status
	}
	return c
}
