package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"slices"
)

// lenient accepts JSON that the sender may have written wrongly: that may be why
// the event was not taken.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// event is one event of a file.
type event struct {
	// name identifies the event in messages.
	name string
	text jsontext.Value
	// function is the one that rejected it, if one did.
	function string
	// oversize is set if the app left a part of it out, and will again.
	oversize bool
	// problem is the reason why it is not delivered, or "".
	problem string
	// harmless is set if the problem needs no further action.
	harmless bool
}

// read returns the events of a file that holds one or several JSON values. It
// reads on after a value that it can't use, but not after a syntax error.
func (o options) read(content []byte) (events []event, errs []error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))), lenient)
	for n := 1; ; n++ {
		value, err := decoder.ReadValue()
		if errors.Is(err, io.EOF) {
			return events, errs
		}
		ended := err != nil
		var found []event
		if !ended {
			found, err = o.readValue(value.Clone())
		}
		if err != nil && n > 1 {
			err = fmt.Errorf("value %d: %w", n, err)
		}
		if err != nil {
			errs = append(errs, err)
		}
		if ended {
			return events, errs
		}
		for _, e := range found {
			if n > 1 {
				e.name = fmt.Sprintf("value %d, %s", n, e.name)
			}
			events = append(events, e)
		}
	}
}

// readValue recognises what a JSON value is and returns its events.
func (o options) readValue(value jsontext.Value) ([]event, error) {
	switch value.Kind() {
	case '[':
		var items []map[string]jsontext.Value
		if json.Unmarshal(value, &items, lenient) == nil && len(items) > 0 && items[0]["PartitionKey"] != nil && !isEvent(items[0]) {
			return o.readRows(value)
		}
		return readEvents(value)
	case '{':
		return o.readObject(value)
	default:
		return nil, errors.New("neither events nor a document of rejected events nor rows")
	}
}

// isEvent reports whether an object is an event. An event may have any other
// field too, but a document or a row has none of these.
func isEvent(fields map[string]jsontext.Value) bool {
	return slices.ContainsFunc([]string{"type", "eventType", "id", "specversion", "data"}, func(name string) bool { return fields[name] != nil })
}

// readObject reads a document or a single event.
func (o options) readObject(value jsontext.Value) ([]event, error) {
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(value, &fields, lenient); err != nil {
		return nil, err
	}
	switch items := fields["items"]; {
	case isEvent(fields):
	case fields["events"] != nil:
		return o.readRejected(value)
	case items.Kind() == '[' || items.Kind() == 'n':
		events, err := o.readRows(items)
		if err == nil && morePages(fields["nextMarker"]) {
			err = errPage
		}
		return events, err
	}
	return []event{{name: "event", text: value}}, nil
}

// readEvents reads an array of events. Event Grid adds fields to dead letters,
// which the app ignores.
func readEvents(value jsontext.Value) (events []event, err error) {
	var texts []jsontext.Value
	if err := json.Unmarshal(value, &texts, lenient); err != nil {
		return nil, err
	}
	for i, text := range texts {
		e := event{name: fmt.Sprintf("event %d", i), text: text}
		if text.Kind() != '{' {
			e.problem = "it is not a JSON object"
		}
		events = append(events, e)
	}
	return events, nil
}

// rejected is a blob of the container rejected-events.
type rejected struct {
	Function string `json:"function"`
	Events   []struct {
		Reason  string         `json:"reason"`
		Written bool           `json:"written"`
		Event   jsontext.Value `json:"event"`
	} `json:"events"`
}

const (
	reasonOversize = "oversize"
	// webhook is the function that takes webhooks over HTTP.
	webhook = "WebhookTrigger"
)

// hasType reports whether an object is an event: it has a type.
func hasType(text jsontext.Value) bool {
	var types struct {
		Type      jsontext.Value `json:"type"`
		EventType jsontext.Value `json:"eventType"`
	}
	return json.Unmarshal(text, &types, lenient) == nil && (types.Type.Kind() == '"' || types.EventType.Kind() == '"')
}

func (o options) readRejected(value jsontext.Value) (events []event, err error) {
	var document rejected
	if err := json.Unmarshal(value, &document, lenient); err != nil {
		return nil, fmt.Errorf("not a document of rejected events: %w", err)
	}
	for i, entry := range document.Events {
		e := event{
			name: fmt.Sprintf("event %d", i), text: entry.Event, function: document.Function,
			oversize: entry.Reason == reasonOversize,
		}
		switch {
		case entry.Event.Kind() != '{':
			e.problem, e.harmless = fmt.Sprintf("it is not a JSON object (%s)", entry.Reason), entry.Written
		case document.Function == webhook && !hasType(entry.Event):
			e.problem = fmt.Sprintf("it is not an event but a part of a webhook that %s could not read (%s)", webhook, entry.Reason)
		case entry.Written && !o.includeWritten:
			e.problem, e.harmless = fmt.Sprintf("it was written (%s)", entry.Reason), true
			if e.oversize {
				e.problem = "it was written without the parts that did not fit (oversize), and will be cut again; --include-written delivers it"
			}
		}
		events = append(events, e)
	}
	return events, nil
}
