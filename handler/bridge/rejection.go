package bridge

import (
	"slices"
	"strings"
)

// Reason is why an event is kept in rejectedEvents.
type Reason string

// The reasons.
const (
	// UnexpectedType: the event is not of the type that the function takes.
	UnexpectedType Reason = "unexpected-type"
	// MalformedEvent: no object, or not in the form of any envelope.
	MalformedEvent Reason = "malformed-event"
	// MissingID: nothing tells the event from others.
	MissingID Reason = "missing-id"
	// MalformedData: the data can't be read.
	MalformedData Reason = "malformed-data"
	// Oversize: something was left out, or all, because it does not fit.
	Oversize Reason = "oversize"
	// panicked: the function has a mistake.
	panicked Reason = "panic"
)

// Rejection says why an event is kept in rejectedEvents.
type Rejection struct {
	Reason Reason
	// Detail is a sentence for the person who reads it. It is never logged.
	Detail string
	// Written says that the event was written too, if not all of it.
	Written bool
}

// Reject is a rejection of an event of which nothing is written.
func Reject(reason Reason, detail string) *Rejection {
	return &Rejection{Reason: reason, Detail: detail}
}

// Omitted gathers what was left out of an event's outputs because it does not
// fit.
type Omitted struct {
	parts []string
}

// Add adds what was left out of one output.
func (o *Omitted) Add(parts []string) {
	for _, part := range parts {
		if !slices.Contains(o.parts, part) {
			o.parts = append(o.parts, part)
		}
	}
}

// Rejection is nil if nothing was left out. Otherwise it keeps the event, which
// is written all the same, whole.
func (o *Omitted) Rejection() *Rejection {
	if len(o.parts) == 0 {
		return nil
	}
	return &Rejection{Reason: Oversize, Detail: "written without " + strings.Join(o.parts, ", "), Written: true}
}
