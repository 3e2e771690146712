package eventgrid

import (
	"bytes"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Event is an event as it was published, member by member.
type Event struct {
	members []member
}

type member struct {
	name  string
	value jsontext.Value
}

// get is a member that is text, or "".
func (e Event) text(name string) string {
	value := e.get(name)
	if value.Kind() != jsontext.KindString {
		return ""
	}
	text, _ := jsontext.AppendUnquote(nil, value)
	return string(text)
}

func (e Event) get(name string) jsontext.Value {
	for _, m := range e.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// isCloudEvent reports which of the schemas the event is written in.
func (e Event) isCloudEvent() bool {
	return e.get("specversion") != nil
}

// ID is the event's id.
func (e Event) ID() string { return e.text("id") }

// Type is the event's type.
func (e Event) Type() string {
	if e.isCloudEvent() {
		return e.text("type")
	}
	return e.text("eventType")
}

// Printable is text of an event as a line of a log may hold it: in quotes, if
// there is anything in it that a terminal would act upon.
func Printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// Data is the event's payload; nil if it has none.
func (e Event) Data() jsontext.Value { return e.get("data") }

// JSON is the event as it was published.
func (e Event) JSON() jsontext.Value { return encode(e.members) }

func encode(members []member) jsontext.Value {
	var text bytes.Buffer
	for i, m := range members {
		text.WriteByte("{,"[min(i, 1)])
		name, _ := jsontext.AppendQuote(nil, m.name)
		text.Write(name)
		text.WriteByte(':')
		text.Write(m.value)
	}
	text.WriteByte('}')
	return text.Bytes()
}

// In is the event as it is delivered in a schema. Unless it was published in
// that one it is rewritten; members that have no place in it are kept, as
// extensions are.
func (e Event) In(schema string) Event {
	switch {
	case schema == CloudEventSchema && !e.isCloudEvent():
		return e.renamed([][2]string{
			{"id", "id"}, {"topic", "source"}, {"subject", "subject"}, {"data", "data"}, {"eventType", "type"}, {"eventTime", "time"},
		}, []string{"dataVersion", "metadataVersion"}, member{"specversion", jsontext.Value(`"1.0"`)})
	case schema == EventGridSchema && e.isCloudEvent():
		return e.renamed([][2]string{
			{"id", "id"}, {"source", "topic"}, {"subject", "subject"}, {"data", "data"}, {"type", "eventType"}, {"time", "eventTime"},
		}, []string{"specversion", "datacontenttype", "dataschema"},
			member{"dataVersion", jsontext.Value(`"1.0"`)}, member{"metadataVersion", jsontext.Value(`"1"`)})
	case schema == EventGridSchema && e.get("metadataVersion") == nil:
		return Event{append(slices.Clone(e.members), member{"metadataVersion", jsontext.Value(`"1"`)})}
	default:
		return e
	}
}

// renamed is the event with other names, without some members, with new ones.
func (e Event) renamed(names [][2]string, without []string, added ...member) Event {
	var renamed Event
	for _, pair := range names {
		if value := e.get(pair[0]); value != nil {
			renamed.members = append(renamed.members, member{pair[1], value})
		}
	}
	renamed.members = append(renamed.members, added...)
	for _, m := range e.members {
		known := slices.ContainsFunc(names, func(pair [2]string) bool { return pair[0] == m.name })
		if !known && !slices.Contains(without, m.name) {
			renamed.members = append(renamed.members, m)
		}
	}
	return renamed
}

// parseEvent reads one event.
func parseEvent(value jsontext.Value) (Event, error) {
	if value.Kind() != jsontext.KindBeginObject {
		return Event{}, fmt.Errorf("an event must be an object")
	}
	var e Event
	decoder := jsontext.NewDecoder(bytes.NewReader(value))
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() == jsontext.KindString {
		var name jsontext.Token
		if name, err = decoder.ReadToken(); err != nil {
			break
		}
		m := member{name: name.String()}
		if m.value, err = decoder.ReadValue(); err == nil {
			m.value = m.value.Clone()
			e.members = append(e.members, m)
		}
	}
	return e, err
}

// LocalTopic stands in for the resource that publishes, where nobody says.
const LocalTopic = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/devhost/providers/microsoft.communication/communicationservices/devhost"

// check checks what the service checks of an event that is published, and adds
// the topic.
func (e *Event) check() error {
	required := []string{"id", "subject", "eventType", "eventTime", "dataVersion"}
	moment := "eventTime"
	if e.isCloudEvent() {
		required = []string{"id", "source", "specversion", "type"}
		moment = "time"
		if version := e.text("specversion"); version != "1.0" {
			return fmt.Errorf("specversion is %q: it must be 1.0", version)
		}
	} else if e.get("eventType") == nil {
		return fmt.Errorf("it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)")
	}
	for _, name := range required {
		if strings.TrimSpace(e.text(name)) == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if text := e.text(moment); text != "" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("%s is %q: it must be a time such as 2026-11-20T09:15:03Z", moment, text)
		}
	}
	if !e.isCloudEvent() && e.text("topic") == "" {
		topic, _ := jsontext.AppendQuote(nil, LocalTopic)
		e.members = slices.DeleteFunc(e.members, func(m member) bool { return m.name == "topic" })
		e.members = slices.Insert(e.members, 1, member{"topic", topic})
	}
	return nil
}
