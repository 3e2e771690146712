package chat

import (
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// Published implements [eventgrid.Observer].
func (l *Log) Published(events []eventgrid.Event, at time.Time) {
	_ = l.change(func() error {
		for _, event := range events {
			switch {
			case l.again(event.ID()):
			case isMessage(event):
				e := read(event).entry()
				e.At, e.Event = at, l.follow(event.ID(), e)
				l.add(e)
			case isStatus(event):
				l.status(event, at)
			}
		}
		return nil
	})
}

// status adds a status to its message, which may have been sent elsewhere.
func (l *Log) status(event eventgrid.Event, at time.Time) {
	p := read(event)
	e := l.outgoing(p.MessageID)
	if e == nil {
		e = &Entry{At: at, Outgoing: true, MessageID: p.MessageID, Person: whatsapp.Person{Phone: p.To, BSUID: p.ToBSUID}}
		l.add(e)
	}
	e.revision = l.revision
	e.StatusCount++
	e.Statuses = append(e.Statuses, &Status{
		Status:  p.Status,
		At:      at,
		Code:    p.Error.Code,
		Message: p.Error.Message,
		Event:   l.follow(event.ID(), e),
	})
	if len(e.Statuses) > maxStatuses {
		delete(l.events, e.Statuses[0].Event.ID)
		e.Statuses = e.Statuses[1:]
	}
}

// DeliveryStarted implements [eventgrid.Observer].
func (l *Log) DeliveryStarted(a eventgrid.Attempt) {
	l.progress(a.Events, func(p *Progress) {
		p.State, p.Delivery, p.Next = Delivering, a.ID, time.Time{}
		p.Attempts++
	})
}

// DeliveryEnded implements [eventgrid.Observer].
func (l *Log) DeliveryEnded(a eventgrid.Attempt, r eventgrid.Result) {
	l.progress(a.Events, func(p *Progress) {
		switch {
		case r.Taken:
			p.State, p.Reason = Done, ""
		case r.Dead == len(a.Events):
			p.State, p.Reason = Dead, r.DeadLetterAs
		default:
			p.State, p.Reason, p.Next = Waiting, r.Outcome, r.Next
		}
	})
}

// DeadLettered implements [eventgrid.Observer].
func (l *Log) DeadLettered(b eventgrid.DeadLetters) {
	l.progress(b.Events, func(p *Progress) { p.State, p.Reason = Dead, b.Reason })
}

// progress notes what became of events.
func (l *Log) progress(events []eventgrid.Event, note func(*Progress)) {
	_ = l.change(func() error {
		for _, event := range events {
			if t, ok := l.events[event.ID()]; ok {
				note(t.progress)
				t.entry.revision = l.revision
			}
		}
		return nil
	})
}
