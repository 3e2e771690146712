package history

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"whatsapp-functions/devhost/whatsapp"
)

// Message is a message of the conversation, from or to a WhatsApp user.
type Message struct {
	ID int       `json:"id"`
	At time.Time `json:"at"`
	// Outgoing means that the business sent it. It has statuses instead of an
	// event of its own.
	Outgoing  bool            `json:"outgoing,omitzero"`
	Person    whatsapp.Person `json:"person,omitzero"`
	MessageID string          `json:"messageId,omitzero"`
	// Kind is the event's name for it. Text is the text or a media caption.
	Kind  string          `json:"kind,omitzero"`
	Text  string          `json:"text,omitzero"`
	Media *whatsapp.Media `json:"media,omitzero"`
	// File is the file of the media in storage; nil if the app does not ask for it.
	File     *File              `json:"file,omitzero"`
	Button   *whatsapp.Button   `json:"button,omitzero"`
	Choice   *whatsapp.Choice   `json:"choice,omitzero"`
	Reaction *whatsapp.Reaction `json:"reaction,omitzero"`
	ReplyTo  string             `json:"replyTo,omitzero"`
	// Detail describes a location, contacts, an order, an edit and so on.
	Detail string    `json:"detail,omitzero"`
	Event  *Progress `json:"event,omitzero"`
	// Statuses are the last ones, StatusCount counts all.
	Statuses    []*Status `json:"statuses,omitzero"`
	StatusCount int       `json:"statusCount,omitzero"`
}

// Status is a status of a message that the business sent.
type Status struct {
	Status  string    `json:"status"`
	At      time.Time `json:"at"`
	Code    string    `json:"code,omitzero"`
	Message string    `json:"message,omitzero"`
	Event   *Progress `json:"event"`
}

// Progress is the state of an event.
type Progress struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	// Published counts how often the event was published.
	Published int `json:"published"`
	// Attempts counts the delivery attempts. Delivery is the id of the last.
	Attempts int    `json:"attempts,omitzero"`
	Delivery string `json:"delivery,omitzero"`
	// Next is the time of the next attempt, Reason why there is one.
	Next   time.Time `json:"next,omitzero"`
	Reason string    `json:"reason,omitzero"`
	Result Result    `json:"result,omitzero"`
}

// State is a step on the way of an event.
type State string

// The states.
const (
	Published  State = "published"
	Delivering State = "delivering"
	Arrived    State = "delivered"
	Waiting    State = "waiting" // for a retry
	Dead       State = "dead-lettered"
)

// Result is what the outputs of the app report about an event.
type Result struct {
	OptOut   bool      `json:"optOut,omitzero"`
	ReplyBy  time.Time `json:"replyBy,omitzero"`
	Failure  *Failure  `json:"failure,omitzero"`
	Rejected string    `json:"rejected,omitzero"`
}

// Failure is how the app classifies the failure of a message.
type Failure struct {
	Class  string `json:"class"`
	Retry  string `json:"retry"`
	Advice string `json:"advice"`
}

// trackedEvent is an event and the message that shows it.
type trackedEvent struct {
	message  *Message
	progress *Progress
}

// ErrExists means that the conversation has a message with this id.
var ErrExists = errors.New("a message with this id exists")

// Send adds a message that the business sent. It publishes nothing.
func (l *Log) Send(id, text string, to whatsapp.Person) (err error) {
	l.change(func() {
		if l.outgoing(id) != nil {
			err = fmt.Errorf("%s: %w", id, ErrExists)
			return
		}
		l.add(&Message{At: time.Now(), Outgoing: true, MessageID: id, Kind: "text", Text: text, Person: to})
	})
	return err
}

func (l *Log) outgoing(id string) *Message {
	for _, i := range slices.Backward(l.messages.items) {
		if m := i.value; m.Outgoing && m.MessageID == id {
			return m
		}
	}
	return nil
}

// add adds a message with an id of its own.
func (l *Log) add(m *Message) {
	l.lastID++
	m.ID = l.lastID
	l.messages.put(m, l.revision)
}

func (m *Message) clone() Message {
	c := *m
	if m.Event != nil {
		c.Event = new(*m.Event)
	}
	if m.File != nil {
		c.File = new(*m.File)
	}
	c.Statuses = make([]*Status, len(m.Statuses))
	for i, s := range m.Statuses {
		c.Statuses[i] = new(*s)
		c.Statuses[i].Event = new(*s.Event)
	}
	return c
}
