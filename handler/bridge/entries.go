package bridge

import (
	"encoding/json/jsontext"
	"errors"

	"whatsapp-functions/handler/lenient"
)

// maxEvents is the maximum number of events of an invocation. Event Grid delivers
// at most 5,000 at once.
const maxEvents = 10_000

var errTooManyEvents = errors.New("too many events")

// Entry is one element of a delivery: an event, which is a JSON object, or text
// that is not one.
type Entry struct {
	Event lenient.Value
	Text  string
	// Rejection is set if the entry is rejected without calling Handle.
	Rejection *Rejection
}

// readEntries returns the entries in the value of the function's trigger. If the
// trigger is an HTTP request, results gets the answer to it.
func (f *boundFunction) readEntries(value jsontext.Value, results *Results, scratch *scratch) (all []Entry, err error) {
	if f.Trigger != HTTPTrigger {
		return entries(value, scratch)
	}
	results.response, all = f.Receive(readRequest(value, scratch))
	return all, nil
}

// entries returns the elements of a trigger's value. The host sends one event as
// an object, and several as a string that holds an array. Older hosts send an
// array, or an object in a string.
func entries(value jsontext.Value, scratch *scratch) ([]Entry, error) {
	whole := unpack(value, scratch)
	if whole.Event.Kind() != jsontext.KindBeginArray {
		return []Entry{whole.checked()}, nil
	}
	var all []Entry
	for element := range whole.Event.Elements() {
		if len(all) == maxEvents {
			return nil, errTooManyEvents
		}
		all = append(all, unwrap(element).checked())
	}
	return all, nil
}

// unpack copies a value out of the body, and out of the string that it is in.
func unpack(value jsontext.Value, scratch *scratch) Entry {
	if value.Kind() != jsontext.KindString {
		return unwrap(lenient.Value(value))
	}
	scratch.text = lenient.AppendUnquoted(scratch.text[:0], value)
	return parse(scratch.text)
}

// unwrap returns the JSON value that a string holds, however often it was put
// into a string, or else its text. It returns any other value unchanged.
func unwrap(value lenient.Value) Entry {
	if value.Kind() == jsontext.KindString {
		return parse([]byte(value.Text()))
	}
	return Entry{Event: value, Text: string(value)}
}

func parse(text []byte) Entry {
	text = lenient.Clean(text)
	value, err := lenient.Parse(text)
	if err != nil {
		return Entry{Text: string(text)}
	}
	return unwrap(value)
}

// checked returns the entry without an event that is not an object.
func (e Entry) checked() Entry {
	if e.Event.Kind() != jsontext.KindBeginObject {
		e.Event = ""
	}
	return e
}
