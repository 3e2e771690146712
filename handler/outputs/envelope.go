// Package outputs writes what consumers read, in the forms and within the
// limits of Azure Storage: queue messages as CloudEvents, and table rows.
package outputs

import (
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/quoted"
)

// messageLimit is how many bytes of text fit into one queue message: 64 KiB
// when the host has encoded them in base64.
const messageLimit = 48 << 10

// ErrOversize says that something does not fit however much is left out.
var ErrOversize = errors.New("does not fit")

// Envelope is what stands around the data of a queue message.
type Envelope struct {
	// Type says what the data is, and its version.
	Type string
	// ID and the event's source together tell repeated deliveries.
	ID string
	// Subject is the id of the message that it is about.
	Subject string
	// Time is when the event was published.
	Time conversation.Time
	// Event is the event that it comes from. The envelope has its source and
	// its trace.
	Event *messaging.CloudEvent
}

// Message writes a queue message about a message, without the provider's own
// words where they do not fit; omitted names what was left out. The error is
// [ErrOversize].
func (e Envelope) Message(to *quoted.Text, m *conversation.Message) (omitted []string, err error) {
	return e.write(to, m.Raw, func() { message(to, m) }, func() {
		short := m.WithoutRaw()
		message(to, &short)
	})
}

// Status does the same for a status.
func (e Envelope) Status(to *quoted.Text, s *conversation.Status) (omitted []string, err error) {
	return e.write(to, s.Raw, func() { status(to, s) }, func() {
		short := s.WithoutRaw()
		status(to, &short)
	})
}

// write writes the message around whole or, where that does not fit, around
// what withoutRaw writes.
func (e Envelope) write(to *quoted.Text, raw conversation.JSON, whole, withoutRaw func()) (omitted []string, err error) {
	start := to.Len()
	if mayFit(raw) {
		e.around(to, whole)
		if excess(to, start) <= 0 {
			return nil, nil
		}
		to.Truncate(start)
	}
	e.around(to, withoutRaw)
	if excess := excess(to, start); excess > 0 {
		return nil, fmt.Errorf("the queue message %w: it is %d bytes too large without raw", ErrOversize, excess)
	}
	return []string{"raw of the queue message"}, nil
}

// around writes the message in the JSON form of CloudEvents 1.0,
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
// The SDK's type won't do for it: it writes data as base64.
func (e Envelope) around(to *quoted.Text, data func()) {
	to.BeginObject()
	member(to, "specversion", "1.0")
	member(to, "type", e.Type)
	member(to, "id", e.ID)
	if e.Event.Source != "" {
		member(to, "source", e.Event.Source)
	} else {
		member(to, "source", "urn:unknown-source")
	}
	member(to, "subject", e.Subject)
	moment(to, "time", e.Time)
	member(to, "datacontenttype", "application/json")
	for _, name := range [...]string{eventgrid.TraceParent, eventgrid.TraceState} {
		value, _ := e.Event.Extensions[name].(string)
		optional(to, name, value)
	}
	to.Name("data")
	data()
	to.EndObject()
}

// excess is by how many bytes what was written after Len was start is larger
// than a queue message may be. It is counted only if it could be: quoted it is
// never shorter.
func excess(to *quoted.Text, start int) int {
	if to.Len()-start <= messageLimit {
		return 0
	}
	return to.Size(start) - messageLimit
}

// depthLimit is how deep JSON may be nested to be read with Go's standard
// library. In a message raw stands two levels deep.
const depthLimit = 10_000 - 2

// mayFit reports whether raw can be part of a message that can be read.
func mayFit(raw conversation.JSON) bool {
	return len(raw) <= messageLimit && (len(raw) <= 2*depthLimit || lenient.Value(raw).Depth() <= depthLimit)
}
