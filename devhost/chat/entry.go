// Package chat is the conversation that published events are about, as it would
// look on a phone, with what became of each event.
package chat

import (
	"time"

	"whatsapp-functions/devhost/whatsapp"
)

// Entry is a message, from or to a person.
type Entry struct {
	// ID is the entry's own.
	ID int       `json:"id"`
	At time.Time `json:"at"`
	// Outgoing says that the business sent it. Then there are no events of the
	// message, but of its statuses.
	Outgoing bool            `json:"outgoing,omitzero"`
	Person   whatsapp.Person `json:"person,omitzero"`
	// MessageID is the message's.
	MessageID string `json:"messageId,omitzero"`
	// Kind is the event's word for it, and Text what is written: the text, or
	// the caption of media.
	Kind     string             `json:"kind,omitzero"`
	Text     string             `json:"text,omitzero"`
	Media    *whatsapp.Media    `json:"media,omitzero"`
	Button   *whatsapp.Button   `json:"button,omitzero"`
	Choice   *whatsapp.Choice   `json:"choice,omitzero"`
	Reaction *whatsapp.Reaction `json:"reaction,omitzero"`
	ReplyTo  string             `json:"replyTo,omitzero"`
	// Event is what became of the event that a person's message is.
	Event *Progress `json:"event,omitzero"`
	// Statuses are the last ones of a message that the business sent, and
	// StatusCount how many there were.
	Statuses    []*Status `json:"statuses,omitzero"`
	StatusCount int       `json:"statusCount,omitzero"`

	revision uint64
}

// Status is a status of a message that the business sent.
type Status struct {
	Status  string    `json:"status"`
	At      time.Time `json:"at"`
	Code    string    `json:"code,omitzero"`
	Message string    `json:"message,omitzero"`
	Event   *Progress `json:"event"`
}

// Progress is how far an event has come.
type Progress struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	// Published is how often it was published.
	Published int `json:"published"`
	// Attempts is how many attempts to deliver it there were, and Delivery the
	// last one.
	Attempts int    `json:"attempts,omitzero"`
	Delivery string `json:"delivery,omitzero"`
	// Next is when it comes again, and Reason why.
	Next   time.Time `json:"next,omitzero"`
	Reason string    `json:"reason,omitzero"`
	// Said is what the app wrote of it.
	Said Said `json:"said,omitzero"`
}

// State is how far an event has come.
type State string

// The states.
const (
	Published  State = "published"
	Delivering State = "delivering"
	Done       State = "done"
	Waiting    State = "waiting" // it comes again
	Dead       State = "dead"
)

// Said is what the app's own outputs say of an event.
type Said struct {
	OptOut  bool      `json:"optOut,omitzero"`
	ReplyBy time.Time `json:"replyBy,omitzero"`
	Failure *Failure  `json:"failure,omitzero"`
	// Rejected is why it was put aside.
	Rejected string `json:"rejected,omitzero"`
}

// Failure is what the app says of a reason why a message failed.
type Failure struct {
	Class  string `json:"class"`
	Retry  string `json:"retry"`
	Advice string `json:"advice"`
}
