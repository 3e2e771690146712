package bridge

import (
	"encoding/json/jsontext"
	"iter"

	"whatsapp-functions/handler/lenient"
)

// entry is one element of a delivery: an event, a JSON object, or a text that
// is none.
type entry struct {
	event lenient.Value
	text  string
}

// entries unpacks a trigger's value. The host sends an object for one event
// and, for many, a text that holds an array; older hosts send an array as it
// is, or an object in a text.
func (m *memory) entries(value jsontext.Value) iter.Seq[entry] {
	whole := m.unpack(value)
	return func(yield func(entry) bool) {
		if whole.event.Kind() != jsontext.KindBeginArray {
			yield(whole.checked())
			return
		}
		for element := range whole.event.Elements() {
			if !yield(unwrap(element).checked()) {
				return
			}
		}
	}
}

// unpack takes a value out of the body, and out of the text that it is in.
func (m *memory) unpack(value jsontext.Value) entry {
	if value.Kind() != jsontext.KindString {
		return unwrap(lenient.Value(value))
	}
	m.text = lenient.AppendUnquoted(m.text[:0], value)
	return parse(m.text)
}

// parse reads a text that may hold a value, which may be a text again.
func parse(text []byte) entry {
	text = lenient.Clean(text)
	value, err := lenient.Parse(text)
	if err != nil {
		return entry{text: string(text)}
	}
	if value.Kind() == jsontext.KindString {
		return unwrap(value)
	}
	return entry{value, string(value)}
}

// unwrap takes a value out of the texts that it was written into, and returns
// it as a value, unless the innermost text is no JSON, and as text.
func unwrap(value lenient.Value) entry {
	if value.Kind() == jsontext.KindString {
		return parse([]byte(value.Text()))
	}
	return entry{value, string(value)}
}

// checked is the entry without what is no event.
func (e entry) checked() entry {
	if e.event.Kind() != jsontext.KindBeginObject {
		e.event = ""
	}
	return e
}
