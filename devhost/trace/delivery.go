// Package trace is the recent history of an app: what was delivered to it, how
// often, and what became of it.
package trace

import "time"

// Delivery is one attempt to deliver events to a function, or a call of it from
// elsewhere.
type Delivery struct {
	ID       string `json:"id"`
	Function string `json:"function"`
	// Subscription is who delivers; empty if somebody called the function.
	Subscription string `json:"subscription,omitzero"`
	// Attempt is which attempt it is, from 1.
	Attempt     int `json:"attempt,omitzero"`
	MaxAttempts int `json:"maxAttempts,omitzero"`
	// Repeated says that the events had been taken already.
	Repeated bool `json:"repeated,omitzero"`
	// Events are the first events, and Count how many there are.
	Events []Event `json:"events"`
	Count  int     `json:"count"`
	// Published is when the first of them was published.
	Published time.Time `json:"published,omitzero"`
	Started   time.Time `json:"started"`
	// Ended is zero while it is under way.
	Ended time.Time `json:"ended,omitzero"`
	// Outcome is what came of it.
	Outcome Outcome `json:"outcome"`
	// Status is how the webhook answered; 0 if it did not.
	Status int `json:"status,omitzero"`
	// Reason is why it failed, in a word of Event Grid's.
	Reason string `json:"reason,omitzero"`
	// Next is when events of it come again.
	Next time.Time `json:"next,omitzero"`
	// Dead is how many of them are dead letters, and DeadAs why.
	Dead   int    `json:"dead,omitzero"`
	DeadAs string `json:"deadAs,omitzero"`
	// Invocations are the first invocations, and Calls how many there were.
	Invocations []Invocation `json:"invocations,omitzero"`
	Calls       int          `json:"calls,omitzero"`

	post     Post
	revision uint64
}

// Outcome is what came of a delivery.
type Outcome string

// The outcomes. A delivery that was taken may have been to no effect: its
// invocations tell.
const (
	UnderWay Outcome = "under-way"
	Taken    Outcome = "taken"
	Failed   Outcome = "failed"
	Dead     Outcome = "dead"
)

// Event is an event of a delivery.
type Event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Invocation is a call of the handler that a delivery led to.
type Invocation struct {
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	// Answered and Took are milliseconds: until the handler had answered, and
	// until all was written.
	Answered float64 `json:"answered"`
	Took     float64 `json:"took"`
	// Status is the handler's; 0 if it gave no answer.
	Status  int      `json:"status,omitzero"`
	Outputs []Output `json:"outputs,omitzero"`
	Remarks int      `json:"remarks,omitzero"`
	Error   string   `json:"error,omitzero"`
}

// Output is how much was written where.
type Output struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Count  int    `json:"count"`
}

// Post is a delivery as it was posted, and the beginning of the answer.
type Post struct {
	Header map[string]string
	Body   []byte
	Answer string
}

// Letter is what became of events that nobody took.
type Letter struct {
	Subscription string    `json:"subscription"`
	Function     string    `json:"function"`
	Events       []Event   `json:"events"`
	Count        int       `json:"count"`
	Reason       string    `json:"reason"`
	Attempts     int       `json:"attempts"`
	Blob         string    `json:"blob,omitzero"`
	At           time.Time `json:"at"`
}
