package history

import (
	"time"

	"whatsapp-functions/devhost/whatsapp"
)

// Delivery is one attempt to deliver events to a function, a call with a queue
// message, or a direct call.
type Delivery struct {
	ID       string `json:"id"`
	Function string `json:"function"`
	// Subscription is empty for a direct call and a queue message.
	Subscription string `json:"subscription,omitzero"`
	// Queue is the queue of the message that invoked the function; empty for other
	// triggers. Events then has the event in the message, or one of type "queue
	// message" with the message's id.
	Queue string `json:"queue,omitzero"`
	// Meta means that Meta delivers, and not Event Grid.
	Meta bool `json:"meta,omitzero"`
	// Earlier means that the delivery is from before devhost was started.
	Earlier bool `json:"earlier,omitzero"`
	// Attempt counts from 1. Of a queue message it is the dequeue count.
	Attempt int `json:"attempt,omitzero"`
	// MaxAttempts is 0 if only the time limits the attempts.
	MaxAttempts int `json:"maxAttempts,omitzero"`
	// Duplicate means that the events were delivered before and are delivered
	// again on request.
	Duplicate bool `json:"duplicate,omitzero"`
	// Events are the first events, Count counts all.
	Events []Event `json:"events"`
	Count  int     `json:"count"`
	// Published is the time of the first event.
	Published time.Time `json:"published,omitzero"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended,omitzero"`
	Outcome   Outcome   `json:"outcome"`
	// Status is the webhook's status code; 0 without an answer.
	Status int `json:"status,omitzero"`
	// Reason is a name for the failure, in the words of Event Grid.
	Reason string `json:"reason,omitzero"`
	// Next is the time of the next attempt.
	Next time.Time `json:"next,omitzero"`
	// DeadLetters counts the events that became dead letters, for DeadReason.
	DeadLetters int    `json:"deadLetters,omitzero"`
	DeadReason  string `json:"deadReason,omitzero"`
	// Invocations are the first invocations, Calls counts all.
	Invocations []Invocation `json:"invocations,omitzero"`
	Calls       int          `json:"calls,omitzero"`

	post Post
}

// Outcome is the result of a delivery.
type Outcome string

// The outcomes. The events of a Delivered one may still be rejected, see
// [Invocation].
const (
	InProgress  Outcome = "in-progress"
	Delivered   Outcome = "delivered"
	Failed      Outcome = "failed"
	Undelivered Outcome = "dead-lettered"
)

// Event is an event of a delivery.
type Event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	// What is the kind of the message or the status, Text the start of the text,
	// and Who the person.
	What string          `json:"what,omitzero"`
	Text string          `json:"text,omitzero"`
	Who  whatsapp.Person `json:"who,omitzero"`
	// Message is the id of the message.
	Message string `json:"message,omitzero"`
}

// Invocation is a call of the handler.
type Invocation struct {
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	// Answered and Took are the milliseconds until the handler had answered and
	// until the outputs were written.
	Answered float64 `json:"answered"`
	Took     float64 `json:"took"`
	// Status is 0 without an answer.
	Status  int      `json:"status,omitzero"`
	Outputs []Output `json:"outputs,omitzero"`
	Remarks int      `json:"remarks,omitzero"`
	Error   string   `json:"error,omitzero"`
	// Rejected are the reasons of the first rejected events.
	Rejected []string `json:"rejected,omitzero"`
}

// Output counts the items that were written to one output.
type Output struct {
	Name   string `json:"name"`
	Target string `json:"target"`
	Count  int    `json:"count"`
}

// Post is the request of a delivery, and the start of the answer.
type Post struct {
	Header map[string]string
	Body   []byte
	Answer string
}

// DeadLetter describes events that Event Grid gave up together.
type DeadLetter struct {
	Subscription string `json:"subscription"`
	Function     string `json:"function"`
	Count        int    `json:"count"`
	Reason       string `json:"reason"`
	Attempts     int    `json:"attempts"`
	// Blob is empty if the events are lost.
	Blob string    `json:"blob,omitzero"`
	At   time.Time `json:"at"`
}
