package demo

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"net/url"
	"os"
	"strings"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// Expectations state where an app's functions write events.
type Expectations struct {
	// Rejected is the container for documents {function, events: [{event,
	// written}]} with the events that a function rejects.
	Rejected string `json:"rejected"`
	// Escape starts the two hexadecimal digits that replace a character in the
	// keys of rows; empty if keys have none.
	Escape    string             `json:"escape,omitzero"`
	Functions map[string][]Place `json:"functions"`
}

// Place is a queue or a table in which a function writes an item for each event,
// or a row for several events about the same message. For each function that writes
// to it, Message and Status must be the same.
type Place struct {
	Queue string `json:"queue,omitzero"`
	Table string `json:"table,omitzero"`
	// Message are the fields or columns with the id of the message; the first
	// one that is not empty counts. Dots separate the names of nested fields.
	Message []string `json:"message"`
	// Status is the field or column with the status; empty if there is none.
	Status string `json:"status,omitzero"`
	// Only is the status of the events that are written; empty for all.
	Only string `json:"only,omitzero"`
	// Type is the type of the events that are written; empty for all.
	Type string `json:"type,omitzero"`
}

// ReadExpectations reads a file.
func ReadExpectations(file string) (Expectations, error) {
	var e Expectations
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &e, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return e, fmt.Errorf("expectations: %w", err)
	}
	return e, nil
}

func (p Place) name() string {
	if p.Queue != "" {
		return "queue " + p.Queue
	}
	return "table " + p.Table
}

// key identifies what an event writes in the place.
func (p Place) key(message, status string) string {
	if p.Status == "" {
		status = ""
	}
	return strings.ToLower(p.name() + " " + message + " " + status)
}

// found counts what is in storage. Queue messages and rejected events count one
// by one, a row for all events that write it.
type found struct {
	queued   map[string]int
	rows     map[string]bool
	rejected map[string][]bool // whether each is also written
	// empty are the names of blobs without content.
	empty []string
}

func (e Expectations) read(ctx context.Context, store storage.Reader) (*found, error) {
	f := &found{queued: map[string]int{}, rows: map[string]bool{}, rejected: map[string][]bool{}}
	read := map[string]bool{} // several functions may write to one place
	for _, places := range e.Functions {
		for _, p := range places {
			if read[p.name()] {
				continue
			}
			read[p.name()] = true
			if err := e.readPlace(ctx, store, p, f); err != nil {
				return nil, fmt.Errorf("%s: %w", p.name(), err)
			}
		}
	}
	blobs, err := store.Blobs(ctx, e.Rejected)
	if err != nil {
		return nil, err
	}
	for _, blob := range blobs {
		if len(blob.Content) == 0 {
			f.empty = append(f.empty, blob.Name)
			continue
		}
		document, err := dotnet.Read(blob.Content, dotnet.Options{})
		if err != nil {
			return nil, fmt.Errorf("blob %s: %w", blob.Name, err)
		}
		entries, _ := document.Get("events")
		for _, entry := range entries.Items {
			event, _ := entry.Get("event")
			written, _ := entry.Get("written")
			key := field(document, "function") + " " + event.Compact()
			f.rejected[key] = append(f.rejected[key], written.Bool)
		}
	}
	return f, nil
}

func (e Expectations) unescape(key string) string {
	if e.Escape == "" {
		return key
	}
	text, err := url.PathUnescape(strings.NewReplacer("%", "%25", e.Escape, "%").Replace(key))
	if err != nil {
		return key
	}
	return text
}

func (e Expectations) readPlace(ctx context.Context, store storage.Reader, p Place, f *found) error {
	add := func(value func(path string) string) string {
		message := ""
		for _, path := range p.Message {
			if message == "" {
				message = value(path)
			}
		}
		return p.key(message, value(p.Status))
	}
	if p.Queue != "" {
		messages, err := store.Messages(ctx, p.Queue)
		if err != nil {
			return err
		}
		for _, m := range messages {
			message, err := dotnet.Read(m.Body, dotnet.Options{})
			if err != nil {
				return err
			}
			f.queued[add(func(path string) string { return field(message, path) })]++
		}
	}
	if p.Table == "" {
		return nil
	}
	rows, err := store.Rows(ctx, p.Table)
	for _, row := range rows {
		f.rows[add(func(column string) string {
			switch column {
			case "PartitionKey":
				return e.unescape(row.PartitionKey)
			case "RowKey":
				return e.unescape(row.RowKey)
			}
			text, _ := row.Column(column).(string)
			return text
		})] = true
	}
	return err
}

func field(value dotnet.Value, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		value, _ = value.Get(name)
	}
	return value.String()
}

// takeRejected takes one entry of an event that a function rejected, and reports
// whether the event is also written.
func (f *found) takeRejected(function string, e event) (written, ok bool) {
	key := function + " " + e.value.Compact()
	entries := f.rejected[key]
	if len(entries) == 0 {
		return false, false
	}
	f.rejected[key] = entries[1:]
	return entries[0], true
}

// take takes what an event writes, and returns the places without it.
func (f *found) take(places []Place, e event) (missing []string) {
	for _, p := range places {
		key := p.key(e.message(), e.status)
		switch {
		case p.Only != "" && !strings.EqualFold(p.Only, e.status), p.Type != "" && !strings.EqualFold(p.Type, e.kind):
		case p.Queue != "" && f.queued[key] > 0:
			f.queued[key]--
		case p.Queue != "" || !f.rows[key]:
			missing = append(missing, p.name())
		}
	}
	return missing
}
