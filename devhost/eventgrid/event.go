package eventgrid

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Event is a published event. It keeps its fields verbatim and in order.
type Event struct {
	fields []field
}

type field struct {
	name  string
	value jsontext.Value
}

// get returns a field's value, or nil.
func (e Event) get(name string) jsontext.Value {
	for _, f := range e.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// text returns a field that is a string, or "".
func (e Event) text(name string) string {
	value := e.get(name)
	if value.Kind() != jsontext.KindString {
		return ""
	}
	text, _ := jsontext.AppendUnquote(nil, value)
	return string(text)
}

// set sets a field. A new one goes to a position.
func (e *Event) set(name, text string, position int) {
	i := slices.IndexFunc(e.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		i = min(position, len(e.fields))
		e.fields = slices.Insert(e.fields, i, field{name: name})
	}
	e.fields[i].value = quote(text)
}

// isCloudEvent reports whether the event is a CloudEvent. Otherwise it has
// Event Grid's schema.
func (e Event) isCloudEvent() bool { return e.get("specversion") != nil }

// ID returns the event's id.
func (e Event) ID() string { return e.text("id") }

// Type returns the event's type.
func (e Event) Type() string {
	if e.isCloudEvent() {
		return e.text("type")
	}
	return e.text("eventType")
}

// Data returns the event's payload; nil if it has none.
func (e Event) Data() jsontext.Value { return e.get("data") }

// JSON returns the event as it was published.
func (e Event) JSON() jsontext.Value {
	text := []byte{'{'}
	for i, f := range e.fields {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, quote(f.name)...), ':'), f.value...)
	}
	return append(text, '}')
}

func quote(text string) jsontext.Value {
	quoted, _ := jsontext.AppendQuote(nil, text)
	return quoted
}

// Printable returns text for a log line: in quotes if a terminal would act on
// any of its characters.
func Printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// schemaFields are the names of the same fields in Event Grid's schema and in
// CloudEvents. Fields without a counterpart are left out.
var schemaFields = [][2]string{
	{"id", "id"}, {"topic", "source"}, {"subject", "subject"}, {"data", "data"}, {"eventType", "type"}, {"eventTime", "time"},
	{"dataVersion", ""}, {"metadataVersion", ""}, {"", "specversion"}, {"", "datacontenttype"}, {"", "dataschema"},
}

// In returns the event in a schema. Unknown fields are kept, like extensions.
func (e Event) In(schema string) Event {
	toCloud := schema == CloudEventSchema
	if toCloud == e.isCloudEvent() {
		if toCloud || e.get("metadataVersion") != nil {
			return e
		}
		return Event{append(slices.Clone(e.fields), field{"metadataVersion", quote("1")})}
	}
	from, to, added := 1, 0, []field{{"dataVersion", quote("1.0")}, {"metadataVersion", quote("1")}}
	if toCloud {
		from, to, added = 0, 1, []field{{"specversion", quote("1.0")}}
	}
	var converted Event
	for _, names := range schemaFields {
		if value := e.get(names[from]); value != nil && names[from] != "" && names[to] != "" {
			converted.fields = append(converted.fields, field{names[to], value})
		}
	}
	converted.fields = append(converted.fields, added...)
	for _, f := range e.fields {
		known := slices.ContainsFunc(schemaFields, func(names [2]string) bool { return names[from] == f.name && f.name != "" })
		if !known {
			converted.fields = append(converted.fields, f)
		}
	}
	return converted
}

// parseEvent parses one event.
func parseEvent(value jsontext.Value) (Event, error) {
	if value.Kind() != jsontext.KindBeginObject {
		return Event{}, errors.New("an event must be an object")
	}
	var e Event
	decoder := jsontext.NewDecoder(bytes.NewReader(value))
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() == jsontext.KindString {
		name, _ := decoder.ReadToken()
		f := field{name: name.String()}
		if f.value, err = decoder.ReadValue(); err == nil {
			f.value = f.value.Clone()
			e.fields = append(e.fields, f)
		}
	}
	return e, err
}
