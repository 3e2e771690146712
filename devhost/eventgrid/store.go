package eventgrid

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/durable"
)

// item is an undelivered event of one subscription. It has a file from before
// the publisher is answered until the event is delivered.
type item struct {
	file  string
	event Event
	state
	inDelivery bool
	// repeated means that it was delivered and is delivered again on request.
	repeated bool
}

// state is the rest of an item's file.
type state struct {
	Published    time.Time `json:"published"`
	Attempts     int       `json:"attempts,omitzero"`
	LastAttempt  time.Time `json:"lastAttempt,omitzero"`
	LastOutcome  string    `json:"lastOutcome,omitzero"`
	Next         time.Time `json:"next"`
	DeadLetterAs string    `json:"deadLetterAs,omitzero"`
}

type itemFile struct {
	state
	Event jsontext.Value `json:"event"`
}

// notAfter moves a state into the past. If the clock was set back, an event
// would wait until the clock has caught up.
func (s state) notAfter(now time.Time) state {
	last := s.Published
	if s.LastAttempt.After(last) {
		last = s.LastAttempt
	}
	back := min(0, now.Sub(last))
	s.Published, s.Next = s.Published.Add(back), s.Next.Add(back)
	if !s.LastAttempt.IsZero() {
		s.LastAttempt = s.LastAttempt.Add(back)
	}
	return s
}

// store keeps items in files: <folder>/<subscription>/<time>-<id>.json
type store struct{ folder durable.Folder }

var itemFiles = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{9}Z-[0-9a-f]{8}\.json$`)

// newItem returns an item that is not saved yet.
func (s store) newItem(subscription string, event Event, now, due time.Time) *item {
	name := now.UTC().Format("20060102T150405.000000000Z") + "-" + uuid.NewString()[:8] + ".json"
	return &item{file: s.folder.Path(subscription, name), event: event, state: state{Published: now, Next: due}}
}

// savedAtOnce is the number of files that are written to disk at once.
const savedAtOnce = 32

func (s store) saveAll(items []*item) error {
	failures := make([]error, len(items))
	slots := make(chan struct{}, savedAtOnce)
	var saving sync.WaitGroup
	for n, i := range items {
		slots <- struct{}{}
		saving.Go(func() {
			failures[n] = s.save(i)
			<-slots
		})
	}
	saving.Wait()
	return errors.Join(failures...)
}

func (s store) save(i *item) error {
	text, err := json.Marshal(itemFile{state: i.state, Event: i.event.JSON()}, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return s.folder.Write(i.file, text)
}

// remove removes an item's file if it exists.
func (s store) remove(i *item) error {
	if err := os.Remove(i.file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// load reads a subscription's items, the next one first. It names files that
// it skips: those of other programs, and broken ones.
func (s store) load(subscription string, now time.Time) (items []*item, skipped []string, err error) {
	entries, err := os.ReadDir(s.folder.Path(subscription))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	for _, entry := range entries {
		i := &item{file: s.folder.Path(subscription, entry.Name())}
		err := errors.New("not an event of devhost")
		if itemFiles.MatchString(entry.Name()) && entry.Type().IsRegular() {
			err = i.load(now)
		}
		if err != nil {
			skipped = append(skipped, fmt.Sprintf("%s: %s", i.file, err))
			continue
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b *item) int { return a.Next.Compare(b.Next) })
	return items, skipped, err
}

func (i *item) load(now time.Time) error {
	text, err := os.ReadFile(i.file)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return errors.New("the file is empty")
	}
	var stored itemFile
	if err := json.Unmarshal(text, &stored); err != nil {
		return err
	}
	i.state = stored.notAfter(now)
	i.event, err = parseEvent(stored.Event)
	return err
}
