package history

import (
	"strings"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

var _ eventgrid.Observer = (*Log)(nil)

// Published implements [eventgrid.Observer].
func (l *Log) Published(events []eventgrid.Event, at time.Time) {
	l.change(func() {
		for _, event := range events {
			tracked, isKnown := l.events[event.ID()]
			p := readPayload(event)
			switch {
			case isKnown:
				tracked.progress.Published++
				tracked.progress.State = Published
				l.messages.put(tracked.message, l.revision)
			case p.isMessage:
				m := p.message()
				m.At, m.Event = at, l.track(event, m)
				l.add(m)
			case p.isStatus:
				l.addStatus(event, p, at)
			}
		}
	})
}

// track follows an event for a message.
func (l *Log) track(event eventgrid.Event, m *Message) *Progress {
	if l.events == nil {
		l.events = map[string]trackedEvent{}
	}
	p := &Progress{ID: event.ID(), State: Published, Published: 1}
	l.events[p.ID] = trackedEvent{m, p}
	return p
}

// addStatus adds a status to its message, which may have been sent elsewhere.
func (l *Log) addStatus(event eventgrid.Event, p payload, at time.Time) {
	m := l.outgoing(p.MessageID)
	if m == nil {
		m = &Message{At: at, Outgoing: true, MessageID: p.MessageID, Person: whatsapp.Person{Phone: p.To, BSUID: p.ToBSUID}}
		l.add(m)
	}
	m.StatusCount++
	m.Statuses = append(m.Statuses, &Status{Status: p.Status, At: at, Code: p.Error.Code, Message: p.Error.Message, Event: l.track(event, m)})
	if len(m.Statuses) > maxStatuses {
		delete(l.events, m.Statuses[0].Event.ID)
		m.Statuses = m.Statuses[1:]
	}
	l.messages.put(m, l.revision)
}

// update changes the progress of events.
func (l *Log) update(events []eventgrid.Event, change func(*Progress)) {
	for _, event := range events {
		if tracked, ok := l.events[event.ID()]; ok {
			change(tracked.progress)
			l.messages.put(tracked.message, l.revision)
		}
	}
}

// DeliveryStarted implements [eventgrid.Observer].
func (l *Log) DeliveryStarted(a eventgrid.Attempt) {
	l.change(func() {
		l.addDelivery(newDelivery(a))
		l.update(a.Events, func(p *Progress) {
			p.State, p.Delivery, p.Next = Delivering, a.ID, time.Time{}
			p.Attempts++
		})
	})
}

// DeliveryEnded implements [eventgrid.Observer].
func (l *Log) DeliveryEnded(a eventgrid.Attempt, r eventgrid.Result) {
	l.change(func() {
		if d := l.delivery(a.ID); d != nil {
			d.end(a, r)
			l.deliveries.put(d, l.revision)
		}
		l.update(a.Events, func(p *Progress) {
			switch {
			case r.Taken:
				p.State, p.Reason = Arrived, ""
			case r.Dead == len(a.Events):
				p.State, p.Reason = Dead, r.DeadLetterAs
			default:
				p.State, p.Reason, p.Next = Waiting, r.Outcome, r.Next
			}
		})
	})
}

// DeadLettered implements [eventgrid.Observer].
func (l *Log) DeadLettered(d eventgrid.DeadLetters) {
	l.change(func() {
		l.writes++
		l.deadLetters.put(&DeadLetter{
			Subscription: d.Subscription.Name,
			Function:     d.Subscription.Function,
			Count:        len(d.Events),
			Reason:       d.Reason,
			Attempts:     d.Attempts,
			Blob:         d.Blob,
			At:           d.At,
		}, l.revision)
		l.update(d.Events, func(p *Progress) { p.State, p.Reason = Dead, d.Reason })
	})
}

// newEvent describes an event on one line.
func newEvent(e eventgrid.Event) Event {
	p := readPayload(e)
	shown := Event{ID: e.ID(), Type: e.Type(), Message: p.MessageID}
	switch {
	case p.isMessage:
		m := p.message()
		shown.What, shown.Text, shown.Who = m.Kind, m.summary(), m.Person
	case p.isStatus:
		shown.What, shown.Text = strings.ToLower(p.Status), p.Error.Code
		shown.Who.Phone, shown.Who.BSUID = p.To, p.ToBSUID
	}
	return shown
}

// summaryLength is how many characters of a text are shown on one line.
const summaryLength = 80

// summary returns the start of the text of a message.
func (m *Message) summary() string {
	text := m.Text
	switch {
	case text != "":
	case m.Button != nil:
		text = m.Button.Text
	case m.Choice != nil:
		text = m.Choice.Title
	case m.Reaction != nil:
		text = m.Reaction.Emoji
	case m.Media != nil:
		text = m.Media.FileName
	default:
		text = m.Detail
	}
	return oneLine(text)
}

// oneLine returns the start of a text without line breaks.
func oneLine(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > summaryLength {
		return string(line[:summaryLength-1]) + "…"
	}
	return string(line)
}
