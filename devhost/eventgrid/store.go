package eventgrid

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// item is an event on its way to one subscription. It lies in a file of its
// own from before the publisher is answered until the event is taken.
type item struct {
	file  string
	event Event
	state
	// underWay says that it is being delivered now.
	underWay bool
	// repeated says that it was taken once, and comes again on request.
	repeated bool
}

// state is what the file of an item holds besides the event.
type state struct {
	Published    time.Time `json:"published"`
	Attempts     int       `json:"attempts,omitzero"`
	LastAttempt  time.Time `json:"lastAttempt,omitzero"`
	LastOutcome  string    `json:"lastOutcome,omitzero"`
	Next         time.Time `json:"next"`
	DeadLetterAs string    `json:"deadLetterAs,omitzero"`
}

// notAfter is the state as it would be had the clock not been set back since: an
// event from the future would wait until that has come.
func (s state) notAfter(now time.Time) state {
	last := s.Published
	if s.LastAttempt.After(last) {
		last = s.LastAttempt
	}
	back := now.Sub(last)
	if back >= 0 {
		return s
	}
	s.Published, s.Next = s.Published.Add(back), s.Next.Add(back)
	if !s.LastAttempt.IsZero() {
		s.LastAttempt = s.LastAttempt.Add(back)
	}
	return s
}

type itemFile struct {
	state
	Event jsontext.Value `json:"event"`
}

// store keeps items in a folder for each subscription:
//
//	<root>/<subscription>/<time>-<id>.json
type store struct {
	root string
}

const (
	fileTime  = "20060102T150405.000000000Z"
	unwritten = ".writing-"
)

// itemFiles are the names that add gives.
var itemFiles = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{9}Z-[0-9a-f]{8}\.json$`)

// sweep removes what an earlier run had not written whole when it was killed.
func (s store) sweep() error {
	entries, err := os.ReadDir(s.root)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), unwritten) {
			err = errors.Join(err, os.Remove(filepath.Join(s.root, entry.Name())))
		}
	}
	return err
}

// add writes an event that was published now and is due at some time.
func (s store) add(subscription string, event Event, now, due time.Time) (*item, error) {
	name := now.UTC().Format(fileTime) + "-" + uuid.NewString()[:8] + ".json"
	i := &item{
		file:  filepath.Join(s.root, subscription, name),
		event: event,
		state: state{Published: now, Next: due},
	}
	return i, s.save(i)
}

// save writes an item whole or not at all.
func (s store) save(i *item) error {
	text, err := json.Marshal(itemFile{state: i.state, Event: i.event.JSON()}, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(i.file), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(s.root, unwritten+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), i.file)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// remove removes an item's file, unless somebody else has.
func (s store) remove(i *item) error {
	if err := os.Remove(i.file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// load reads what an earlier run left for a subscription, the oldest first, for
// a run that begins now. It passes over what add has not written, and names it.
func (s store) load(subscription string, now time.Time) (items []*item, strays []string, err error) {
	folder := filepath.Join(s.root, subscription)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		if !itemFiles.MatchString(entry.Name()) || !entry.Type().IsRegular() {
			strays = append(strays, entry.Name())
			continue
		}
		i := &item{file: filepath.Join(folder, entry.Name())}
		text, err := os.ReadFile(i.file)
		if err != nil {
			return nil, nil, err
		}
		var stored itemFile
		err = json.Unmarshal(text, &stored)
		if err == nil {
			i.state = stored.state.notAfter(now)
			i.event, err = parseEvent(stored.Event)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", i.file, err)
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b *item) int { return a.Next.Compare(b.Next) })
	return items, strays, nil
}
