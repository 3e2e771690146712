package bridge

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// Reason is why an event is kept in rejectedEvents.
type Reason string

// The reasons.
const (
	// UnexpectedType: the function does not take events of this type.
	UnexpectedType Reason = "unexpected-type"
	// MalformedEvent: not an object, or without a known envelope.
	MalformedEvent Reason = "malformed-event"
	// MissingID: nothing identifies the event.
	MissingID Reason = "missing-id"
	// MalformedData: the data can't be read.
	MalformedData Reason = "malformed-data"
	// Oversize: some parts, or all of it, are too large to be written.
	Oversize Reason = "oversize"
	// panicked: there is a bug in the function.
	panicked Reason = "panic"
)

// Rejection is why an event is kept in rejectedEvents.
type Rejection struct {
	Reason Reason
	// Detail is a sentence for people. It is never logged.
	Detail string
	// Written means that the event was written as well, though not all of it.
	Written bool
}

// Reject returns the rejection of an event of which nothing is written.
func Reject(reason Reason, detail string) *Rejection {
	return &Rejection{Reason: reason, Detail: detail}
}

// WrittenWithout returns the rejection of an event that was written without some
// parts, because they are too large, or nil if there are none.
func WrittenWithout(parts []string) *Rejection {
	if len(parts) == 0 {
		return nil
	}
	var names []string
	for _, part := range parts {
		if !slices.Contains(names, part) {
			names = append(names, part)
		}
	}
	return &Rejection{Reason: Oversize, Detail: "written without " + strings.Join(names, ", "), Written: true}
}

// document is what an invocation writes to rejectedEvents.
type document struct {
	Function     string          `json:"function"`
	InvocationID string          `json:"invocationId"`
	Events       []rejectedEvent `json:"events"`
}

// rejectedEvent is an event in the document. The event is kept verbatim: in Event
// if it is a JSON object, otherwise in Text.
type rejectedEvent struct {
	Reason  Reason         `json:"reason"`
	Detail  string         `json:"detail"`
	Written bool           `json:"written"`
	Event   jsontext.Value `json:"event,omitzero"`
	Text    *string        `json:"text,omitzero"`
}

// depthLimit is how deep JSON may be nested for Go's standard library. An event
// is three levels deep in the document.
const depthLimit = 10_000 - 3

func newRejectedEvent(e Entry, r *Rejection) rejectedEvent {
	kept := rejectedEvent{Reason: r.Reason, Detail: r.Detail, Written: r.Written}
	if e.Event == "" || e.Event.Depth() > depthLimit {
		kept.Text = &e.Text
	} else {
		kept.Event = jsontext.Value(e.Event)
	}
	return kept
}

func newDocument(function, invocationID string, events []rejectedEvent) []byte {
	text, err := json.Marshal(document{function, invocationID, events}, lenient.Options())
	if err != nil {
		panic(err) // every value has been parsed or built by this program
	}
	return text
}
