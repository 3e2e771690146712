package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// lenient reads events as whoever sent them wrote them: that may be why they
// are here.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// event is one to deliver.
type event struct {
	text jsontext.Value
	// kind is its type, as it says itself.
	kind string
	// function is the one that rejected it, if one did.
	function string
}

// found is what a file holds.
type found struct {
	events []event
	// left says of each event that can't be delivered why.
	left []string
	// missing counts those of left that were not written in full and have to
	// be brought by other means.
	missing int
}

// unroutable counts events that no function takes.
func (f found) unroutable(routes routes) (n int) {
	for _, e := range f.events {
		if routes.function(e) == "" {
			n++
		}
	}
	return n
}

// rejected is a blob of the container rejected-events.
type rejected struct {
	Function string `json:"function"`
	Events   []struct {
		Reason  string         `json:"reason"`
		Written bool           `json:"written"`
		Event   jsontext.Value `json:"event"`
		Text    *string        `json:"text"`
	} `json:"events"`
}

// read finds out what kind of file it is, and its events.
func read(content []byte, source string) (found, error) {
	content = []byte(strings.TrimPrefix(string(content), "\ufeff"))
	switch value := jsontext.Value(content); value.Kind() {
	case '[':
		var rows []row
		if json.Unmarshal(value, &rows, lenient) == nil && len(rows) > 0 && rows[0].PartitionKey != "" {
			return readRows(value, source)
		}
		return readDeadLetters(value)
	case '{':
		return readObject(value, source)
	default:
		return found{}, errors.New("it is neither an array of events nor a document of rejected events nor rows")
	}
}

// readDeadLetters reads an array of events. Members that Event Grid added stay:
// nobody minds them.
func readDeadLetters(value jsontext.Value) (f found, err error) {
	var events []jsontext.Value
	if err := json.Unmarshal(value, &events, lenient); err != nil {
		return found{}, fmt.Errorf("it is no array of events: %w", err)
	}
	for _, text := range events {
		f.events = append(f.events, event{text: text, kind: kind(text)})
	}
	return f, nil
}

func readObject(value jsontext.Value, source string) (found, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(value, &members, lenient); err != nil {
		return found{}, fmt.Errorf("it is no JSON: %w", err)
	}
	switch {
	case members["items"] != nil:
		return readRows(members["items"], source)
	case members["events"] != nil:
		return readRejected(value)
	default:
		return readDeadLetters(jsontext.Value("[" + string(value) + "]"))
	}
}

// readRejected leaves out what is not to be delivered again: what is no event,
// and what was written all the same.
func readRejected(value jsontext.Value) (f found, err error) {
	var document rejected
	if err := json.Unmarshal(value, &document, lenient); err != nil {
		return found{}, fmt.Errorf("it is no document of rejected events: %w", err)
	}
	for i, e := range document.Events {
		switch {
		case e.Event == nil:
			if !e.Written {
				f.missing++
			}
			f.left = append(f.left, fmt.Sprintf("event %d is no JSON object (%s)", i, e.Reason))
		case e.Written:
			f.left = append(f.left, fmt.Sprintf("event %d was written, without what was too large (%s)", i, e.Reason))
		default:
			f.events = append(f.events, event{text: e.Event, kind: kind(e.Event), function: document.Function})
		}
	}
	return f, nil
}

// readRows makes of each row the event that it came of. A person with two
// identities has two rows of one event: it is made once.
func readRows(value jsontext.Value, source string) (f found, err error) {
	if source == "" {
		return found{}, errors.New("these are rows: say where they came from, with -source <resource id of the ACS resource>; consumers tell messages by it")
	}
	var rows []row
	if err := json.Unmarshal(value, &rows, lenient); err != nil {
		return found{}, fmt.Errorf("they are no rows: %w", err)
	}
	seen := map[string]bool{}
	for i, r := range rows {
		if r.EventID == "" {
			return found{}, fmt.Errorf("item %d is no row of the table Messages: it has no EventId", i)
		}
		if key := r.EventID + "\n" + r.Event; seen[key] {
			continue
		} else {
			seen[key] = true
		}
		if r.Event == "" {
			f.missing++
			f.left = append(f.left, fmt.Sprintf("row %d has no column Event, which was too large: the event is in rejected-events", i))
			continue
		}
		text, err := r.cloudEvent(source)
		if err != nil {
			return found{}, fmt.Errorf("item %d: %w", i, err)
		}
		f.events = append(f.events, event{text: text, kind: typeReceived})
	}
	return f, nil
}

// kind is an event's type, in either schema, or nothing.
func kind(text jsontext.Value) string {
	var e struct {
		Type      string `json:"type"`
		EventType string `json:"eventType"`
	}
	_ = json.Unmarshal(text, &e, lenient)
	return e.Type + e.EventType
}

// jsonFiles are the files named, and those in folders named.
func jsonFiles(names []string) (files []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, name)
			continue
		}
		err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
