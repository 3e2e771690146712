package bridge

import (
	"encoding/json/jsontext"

	"whatsapp-functions/handler/lenient"
)

// entry is one element of a delivery: an event, or a text that is none.
type entry struct {
	event jsontext.Value
	text  []byte
}

// entries unpacks a trigger's value. The host sends an object for one event
// and, for many, a text that holds an array; older hosts send an array as it
// is, or an object in a text.
func entries(value jsontext.Value) []entry {
	value, text := unwrap(value)
	if value.Kind() != jsontext.KindBeginArray {
		return []entry{newEntry(value, text)}
	}
	var all []entry
	for element := range lenient.Elements(value) {
		all = append(all, newEntry(unwrap(element)))
	}
	return all
}

func newEntry(value jsontext.Value, text []byte) entry {
	if value.Kind() == jsontext.KindBeginObject {
		return entry{event: value}
	}
	return entry{text: text}
}

// unwrap takes a value out of the texts that it was written into, and returns
// it as a value, unless the innermost text is no JSON, and as text.
func unwrap(value jsontext.Value) (jsontext.Value, []byte) {
	text := []byte(value)
	for value.Kind() == jsontext.KindString {
		text = lenient.Clean(lenient.Unquote(value))
		inner, err := lenient.Parse(text)
		if err != nil {
			return nil, text
		}
		value = inner
	}
	return value, text
}
