// Package record encodes what consumers read, within the limits of Azure Storage:
// queue messages, which are CloudEvents, and table rows with their keys.
package record

import (
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/quoted"
)

const (
	// messageLimit is the size in bytes of the text of a queue message: 64 KiB
	// when the host has encoded it in base64.
	messageLimit = 48 << 10
	// rawDepth is how deep raw may be nested. It is two levels deep in a queue
	// message, and .NET's readers accept 64 levels.
	rawDepth = 62
)

// ErrOversize reports that something is too large even without its optional
// parts.
var ErrOversize = errors.New("too large")

// Message is a queue message: a CloudEvent in JSON,
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
// The SDK's type can't be used because it writes data as base64.
type Message struct {
	// Type identifies the kind of data and its version.
	Type string
	// ID identifies the message together with the event's source: consumers
	// deduplicate on both.
	ID string
	// Subject is the id of the message that the data is about.
	Subject string
	// Time is the time of the event.
	Time conversation.Time
	// Event is the event that the message is made of.
	Event *messaging.CloudEvent
	// Data writes the fields of the data.
	Data func(to *quoted.Text)
	// Raw is the provider's payload, which becomes the last field of the data, or
	// "". If it is left out, a field of its name and Omitted is true.
	Raw string
	// RawName is the name of that field, "raw" if it is "".
	RawName string
	// Parts returns the parts of the data that may be left out. It may be nil.
	Parts func() []Part
	// Texts returns the texts in the data that may be cut, the first one first. It
	// may be nil.
	Texts func() []*string
}

// Part is a field of the data that may be left out.
type Part struct {
	Name string
	// Remove removes the field from what Data writes.
	Remove func()
}

// Encode writes the message. If it is too large, Encode leaves out raw, then parts,
// which the field omitted names, and then the ends of texts. It returns the names of
// what it left out. The error is [ErrOversize].
func (m *Message) Encode(to *quoted.Text) (leftOut []string, err error) {
	start := to.Len()
	if len(m.Raw) <= messageLimit && !tooDeep(m.Raw) {
		m.write(to, func() {
			if m.Raw != "" {
				to.JSON(m.rawName(), withoutSurrogates(m.Raw))
			}
		})
		if excess(to, start) <= 0 {
			return nil, nil
		}
	}
	if m.Raw != "" {
		leftOut = []string{m.rawName() + " of the queue message"}
	}
	var omitted []string
	tooMuch := m.rewrite(to, start, omitted, false)
	for _, part := range m.parts() {
		if tooMuch <= 0 {
			break
		}
		part.Remove()
		omitted = append(omitted, part.Name)
		leftOut = append(leftOut, part.Name+" of the queue message")
		tooMuch = m.rewrite(to, start, omitted, false)
	}
	if tooMuch <= 0 {
		return leftOut, nil
	}
	for _, text := range m.texts() {
		whole := *text
		defer func() { *text = whole }()
		if cut := cutJSON(whole, tooMuch+len(`,"textCut":true`)); cut != whole {
			*text = cut
			if tooMuch = m.rewrite(to, start, omitted, true); tooMuch <= 0 {
				return append(leftOut, "the end of text of the queue message"), nil
			}
		}
	}
	return nil, fmt.Errorf("the queue message is %w: %d bytes over the limit without raw and text", ErrOversize, tooMuch)
}

func (m *Message) rawName() string {
	if m.RawName == "" {
		return "raw"
	}
	return m.RawName
}

func (m *Message) parts() []Part {
	if m.Parts == nil {
		return nil
	}
	return m.Parts()
}

func (m *Message) texts() []*string {
	if m.Texts == nil {
		return nil
	}
	return m.Texts()
}

// tooDeep reports whether raw is nested too deep for a queue message. Few payloads
// have enough brackets for it.
func tooDeep(raw string) bool {
	return strings.Count(raw, "[")+strings.Count(raw, "{") > rawDepth && lenient.Value(raw).Depth() > rawDepth
}

// rewrite writes the message again, without raw, and returns by how many bytes it
// is over the limit.
func (m *Message) rewrite(to *quoted.Text, start int, omitted []string, textCut bool) (over int) {
	to.Truncate(start)
	m.write(to, func() {
		if len(omitted) > 0 {
			to.Strings("omitted", omitted)
		}
		to.True("textCut", textCut)
		to.True(m.rawName()+"Omitted", m.Raw != "")
	})
	return excess(to, start)
}

func (m *Message) write(to *quoted.Text, last func()) {
	to.Begin()
	to.String("specversion", "1.0")
	to.String("type", m.Type)
	to.String("id", m.ID)
	to.String("source", source(m.Event.Source))
	to.String("subject", m.Subject)
	to.String("time", m.Time.String())
	to.String("datacontenttype", "application/json")
	for _, name := range [...]string{eventgrid.TraceParent, eventgrid.TraceState} {
		value, _ := m.Event.Extensions[name].(string)
		to.String(name, value)
	}
	to.Object("data", func() {
		m.Data(to)
		last()
	})
	to.End()
}

// excess returns by how many bytes a message that starts at this length of the
// text is over the limit. Escaped it is never shorter, so most messages need not
// be measured.
func excess(to *quoted.Text, start int) int {
	if to.Len()-start <= messageLimit {
		return 0
	}
	return to.Size(start) - messageLimit
}

// cutJSON returns the start of text whose JSON string is shorter by so many bytes.
func cutJSON(text string, bytes int) string {
	for len(text) > 0 && bytes > 0 {
		r, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
		switch {
		case strings.ContainsRune("\"\\\b\t\n\f\r", r):
			bytes -= len(`\n`)
		case r < ' ':
			bytes -= len(`\u0000`)
		default:
			bytes -= size
		}
	}
	return text
}

// withoutSurrogates replaces the lone surrogates in JSON with U+FFFD, because
// .NET's readers refuse them.
func withoutSurrogates(raw string) string {
	if !strings.Contains(raw, `\ud`) && !strings.Contains(raw, `\uD`) {
		return raw
	}
	// Without PreserveRawStrings every string is written again.
	value, err := jsontext.AppendFormat(nil, raw, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(false))
	if err != nil {
		panic(err) // raw has been parsed
	}
	return string(value)
}
