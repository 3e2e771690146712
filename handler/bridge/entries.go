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

// entry is one element of a delivery: an event, which is a JSON object, or text
// that is not one.
type entry struct {
	event lenient.Value
	text  string
}

// entries returns the elements of a trigger's value. The host sends one event as
// an object, and several as a string that holds an array. Older hosts send an
// array, or an object in a string.
func entries(value jsontext.Value, scratch *scratch) ([]entry, error) {
	whole := unpack(value, scratch)
	if whole.event.Kind() != jsontext.KindBeginArray {
		return []entry{whole.checked()}, nil
	}
	var all []entry
	for element := range whole.event.Elements() {
		if len(all) == maxEvents {
			return nil, errTooManyEvents
		}
		all = append(all, unwrap(element).checked())
	}
	return all, nil
}

// unpack copies a value out of the body, and out of the string that it is in.
func unpack(value jsontext.Value, scratch *scratch) entry {
	if value.Kind() != jsontext.KindString {
		return unwrap(lenient.Value(value))
	}
	scratch.text = lenient.AppendUnquoted(scratch.text[:0], value)
	return parse(scratch.text)
}

// unwrap returns the JSON value that a string holds, however often it was put
// into a string, or else its text. It returns any other value unchanged.
func unwrap(value lenient.Value) entry {
	if value.Kind() == jsontext.KindString {
		return parse([]byte(value.Text()))
	}
	return entry{value, string(value)}
}

func parse(text []byte) entry {
	text = lenient.Clean(text)
	value, err := lenient.Parse(text)
	if err != nil {
		return entry{text: string(text)}
	}
	return unwrap(value)
}

// checked returns the entry without an event that is not an object.
func (e entry) checked() entry {
	if e.event.Kind() != jsontext.KindBeginObject {
		e.event = ""
	}
	return e
}
