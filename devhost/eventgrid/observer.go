package eventgrid

import (
	"net/http"
	"time"
)

// Observer follows events while they are delivered.
type Observer interface {
	// Published is called before any of the events of a request is delivered.
	Published(events []Event, at time.Time)
	// DeliveryStarted is called before an attempt.
	DeliveryStarted(a Attempt)
	// DeliveryEnded is called after it.
	DeliveryEnded(a Attempt, r Result)
	// DeadLettered is called when events are written as dead letters or lost.
	DeadLettered(d DeadLetters)
}

func (s *Service) observe(call func(o Observer)) {
	for _, o := range s.options.Observers {
		call(o)
	}
}

// HeaderDelivery is the request header with an attempt's id. Event Grid does
// not send it.
const HeaderDelivery = "Devhost-Delivery"

// Attempt is one attempt to deliver a batch.
type Attempt struct {
	// ID is unique; see [HeaderDelivery].
	ID           string
	Subscription Subscription
	// Number counts the attempts for the first of the events, from 1.
	Number int
	// Repeated means that the events were delivered and are delivered again on
	// request.
	Repeated bool
	Events   []Event
	// Published is the time of the first event.
	Published time.Time
	Started   time.Time
	// Header and Body are what is posted.
	Header http.Header
	Body   []byte
}

// Result is the result of an attempt.
type Result struct {
	// Status is 0 if there was no answer.
	Status int
	// Outcome is the service's name for the result.
	Outcome string
	// Taken means that the events are delivered.
	Taken bool
	// Answer is the start of the answer's body, or the error.
	Answer string
	Took   time.Duration
	// Next is the time of the next attempt; zero if there is none.
	Next time.Time
	// Dead is how many of the events are dead letters, and DeadLetterAs is the
	// reason.
	Dead         int
	DeadLetterAs string
}

// DeadLetters are events that were given up together.
type DeadLetters struct {
	Subscription Subscription
	Events       []Event
	// Reason is the service's name for it.
	Reason   string
	Attempts int
	// Blob is the container and name; empty if the events are lost.
	Blob string
	At   time.Time
}
