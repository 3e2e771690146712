package record

import (
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
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
	Data func(*Object)
	// Raw is the provider's payload, which becomes the last field of the data.
	Raw string
}

// Encode encodes the message. If it is too large, it leaves out raw, and returns
// the names of what it left out. The error is [ErrOversize].
func (m Message) Encode() (text []byte, leftOut []string, err error) {
	raw := lenient.Value(m.Raw)
	if len(raw) <= messageLimit && raw.Depth() <= rawDepth {
		text = m.encode(func(data *Object) { data.JSON("raw", m.Raw) })
		if len(text) <= messageLimit {
			return text, nil, nil
		}
	}
	text = m.encode(func(data *Object) { data.Bool("rawOmitted", true) })
	if excess := len(text) - messageLimit; excess > 0 {
		return nil, nil, fmt.Errorf("the queue message is %w: %d bytes over the limit without raw", ErrOversize, excess)
	}
	return text, []string{"raw of the queue message"}, nil
}

func (m Message) encode(raw func(data *Object)) []byte {
	var o Object
	o.Text("specversion", "1.0")
	o.Text("type", m.Type)
	o.Text("id", m.ID)
	if m.Event.Source != "" {
		o.Text("source", m.Event.Source)
	} else {
		o.Text("source", "urn:unknown-source")
	}
	o.Text("subject", m.Subject)
	o.Time("time", m.Time)
	o.Text("datacontenttype", "application/json")
	for _, name := range [...]string{eventgrid.TraceParent, eventgrid.TraceState} {
		value, _ := m.Event.Extensions[name].(string)
		o.Text(name, value)
	}
	o.Object("data", func(data *Object) {
		m.Data(data)
		raw(data)
	})
	return o.bytes()
}
