// Package outputs writes what consumers read, in the forms and within the
// limits of Azure Storage: queue messages as CloudEvents, and table rows.
package outputs

import (
	"encoding/json/v2"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
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
	Event messaging.CloudEvent
}

// structured is the JSON form of CloudEvents 1.0,
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
// The SDK's type won't do for it: it writes data as base64.
type structured struct {
	SpecVersion     string            `json:"specversion"`
	Type            string            `json:"type"`
	ID              string            `json:"id"`
	Source          string            `json:"source"`
	Subject         string            `json:"subject"`
	Time            conversation.Time `json:"time,omitzero"`
	DataContentType string            `json:"datacontenttype"`
	TraceParent     string            `json:"traceparent,omitzero"`
	TraceState      string            `json:"tracestate,omitzero"`
	Data            any               `json:"data"`
}

// Message writes a queue message with data or, where that is too large, withoutRaw;
// omitted names what was left out. The error is [ErrOversize].
func (e Envelope) Message(data, withoutRaw any) (text []byte, omitted []string, err error) {
	text, err = e.with(data)
	if err == nil && len(text) <= messageLimit {
		return text, nil, nil
	}
	text, err = e.with(withoutRaw)
	if err != nil {
		return nil, nil, err
	}
	if excess := len(text) - messageLimit; excess > 0 {
		return nil, nil, fmt.Errorf("the queue message %w: it is %d bytes too large without raw", ErrOversize, excess)
	}
	return text, []string{"raw of the queue message"}, nil
}

// with writes the message with data. The error is [ErrOversize]: what was read
// from JSON can be written as JSON, unless it is nested so deep that it can't
// be inside of more.
func (e Envelope) with(data any) ([]byte, error) {
	s := structured{
		SpecVersion:     "1.0",
		Type:            e.Type,
		ID:              e.ID,
		Source:          e.Event.Source,
		Subject:         e.Subject,
		Time:            e.Time,
		DataContentType: "application/json",
		Data:            data,
	}
	if s.Source == "" {
		s.Source = "urn:unknown-source"
	}
	s.TraceParent, _ = e.Event.Extensions[eventgrid.TraceParent].(string)
	s.TraceState, _ = e.Event.Extensions[eventgrid.TraceState].(string)

	text, err := json.Marshal(s, lenient.Options())
	if err != nil {
		return nil, fmt.Errorf("the queue message %w: it is nested too deep", ErrOversize)
	}
	return text, nil
}
