package eventgrid

import (
	"net/http"
	"time"
)

// Observer is told what becomes of events while it happens, by many goroutines.
// What it is told of is not to be changed.
type Observer interface {
	// Published is told of the events of a request that the topic took,
	// before any of them is delivered.
	Published(events []Event, at time.Time)
	// Began is told of an attempt to deliver that begins.
	Began(a Attempt)
	// Ended is told of the same attempt, and of what came of it.
	Ended(a Attempt, r Result)
	// Buried is told of events that nobody took.
	Buried(b Burial)
}

// Attempt is one attempt to deliver a batch.
type Attempt struct {
	// ID is the attempt's own; the request says it in [HeaderDelivery].
	ID           string
	Subscription Subscription
	// Number is which attempt it is for the first of the events, from 1.
	Number int
	// Repeated says that the events had been taken already: they come again
	// on request.
	Repeated bool
	Events   []Event
	// Published is when the first of the events was published.
	Published time.Time
	Started   time.Time
	// Header and Body are what is posted.
	Header http.Header
	Body   []byte
}

// Result is what came of an attempt.
type Result struct {
	// Status is 0 if there was no answer.
	Status int
	// Outcome is the service's word for it.
	Outcome string
	// Taken says that the events have arrived.
	Taken bool
	// Answer is the beginning of what was answered, or why nothing was.
	Answer string
	Took   time.Duration
	// Next is when the last of the events comes again; zero if none does.
	Next time.Time
	// Dead is how many of the events are dead letters, and DeadLetterAs why.
	Dead         int
	DeadLetterAs string
}

// Burial is what becomes of events that nobody took.
type Burial struct {
	Subscription Subscription
	Events       []Event
	// Reason is the service's word for it.
	Reason   string
	Attempts int
	// Blob is where they are, container and name; empty if they are lost.
	Blob string
	At   time.Time
}

// HeaderDelivery is the header by which devhost tells deliveries apart. It is
// none of Event Grid's own.
const HeaderDelivery = "Devhost-Delivery"
