package trace

import (
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/host"
)

var _ eventgrid.Observer = (*Log)(nil)

// Published implements [eventgrid.Observer]: what is not delivered yet is not
// in the log.
func (l *Log) Published([]eventgrid.Event, time.Time) {}

// DeliveryStarted implements [eventgrid.Observer].
func (l *Log) DeliveryStarted(a eventgrid.Attempt) {
	d := &Delivery{
		ID:           a.ID,
		Function:     a.Subscription.Function,
		Subscription: a.Subscription.Name,
		Attempt:      a.Number,
		MaxAttempts:  a.Subscription.MaxDeliveryAttempts,
		Repeated:     a.Repeated,
		Events:       events(a.Events),
		Count:        len(a.Events),
		Published:    a.Published,
		Started:      a.Started,
		Outcome:      UnderWay,
		post:         Post{Header: map[string]string{}, Body: a.Body},
	}
	for name := range a.Header {
		d.post.Header[name] = a.Header.Get(name)
	}
	l.change(func() { l.add(d) })
}

// DeliveryEnded implements [eventgrid.Observer].
func (l *Log) DeliveryEnded(a eventgrid.Attempt, r eventgrid.Result) {
	l.change(func() {
		d := l.byID[a.ID]
		if d == nil {
			return // it is forgotten
		}
		d.revision = l.revision
		d.Ended = a.Started.Add(r.Took)
		d.Status, d.Reason, d.Next, d.Dead, d.DeadAs = r.Status, r.Outcome, r.Next, r.Dead, r.DeadLetterAs
		d.post.Answer = r.Answer
		switch {
		case r.Taken:
			d.Outcome, d.Reason = Taken, ""
		case r.Dead == d.Count:
			d.Outcome = Dead
		default:
			d.Outcome = Failed
		}
	})
}

// DeadLettered implements [eventgrid.Observer].
func (l *Log) DeadLettered(b eventgrid.DeadLetters) {
	l.change(func() {
		l.letters = append(l.letters, Letter{
			Subscription: b.Subscription.Name,
			Function:     b.Subscription.Function,
			Events:       events(b.Events),
			Count:        len(b.Events),
			Reason:       b.Reason,
			Attempts:     b.Attempts,
			Blob:         b.Blob,
			At:           b.At,
		})
		l.letters = l.letters[max(0, len(l.letters)-MaxLetters):]
		l.letterRev = l.revision
	})
}

// Invoked adds an invocation that has ended to its delivery. One that belongs
// to none that is known is one by itself.
func (l *Log) Invoked(r host.Result) {
	l.change(func() {
		d := l.byID[r.Delivery]
		if d == nil {
			d = called(r)
			l.add(d)
		}
		d.revision = l.revision
		d.Calls++
		if len(d.Invocations) < maxShown {
			d.Invocations = append(d.Invocations, invocation(r))
		}
	})
}

// called is a delivery that nobody told of.
func called(r host.Result) *Delivery {
	d := &Delivery{
		ID:       uuid.NewString(),
		Function: r.Call.Function,
		Count:    len(r.Call.Events),
		Started:  r.Started,
		Ended:    r.Started.Add(r.Took),
		Outcome:  Taken,
	}
	if r.Err != nil {
		d.Outcome = Failed
	}
	for _, event := range r.Call.Events[:min(maxShown, len(r.Call.Events))] {
		d.Events = append(d.Events, Event{ID: text(event, "id"), Type: text(event, "eventType") + text(event, "type")})
	}
	return d
}

func text(event dotnet.Value, member string) string {
	value, _ := event.Get(member)
	return value.Text
}

func invocation(r host.Result) Invocation {
	i := Invocation{
		ID:       r.Call.ID,
		Started:  r.Started,
		Answered: milliseconds(r.Answered),
		Took:     milliseconds(r.Took),
		Status:   r.Exchange.Status,
		Remarks:  len(r.Outcome.Remarks),
	}
	if r.Err != nil {
		i.Error = r.Err.Error()
	}
	for _, w := range r.Outcome.Written {
		i.Outputs = append(i.Outputs, Output{w.Output, w.Target, len(w.Items)})
	}
	return i
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func events(all []eventgrid.Event) []Event {
	first := []Event{}
	for _, e := range all[:min(maxShown, len(all))] {
		first = append(first, Event{e.ID(), e.Type()})
	}
	return first
}
