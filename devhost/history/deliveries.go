package history

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/host"
)

// Find returns a delivery and its request, of which only the newest are kept.
func (l *Log) Find(id string) (Delivery, Post, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.delivery(id)
	if d == nil {
		return Delivery{}, Post{}, false
	}
	return d.clone(), d.post, true
}

func (l *Log) delivery(id string) *Delivery {
	for _, i := range slices.Backward(l.deliveries.items) {
		if i.value.ID == id {
			return i.value
		}
	}
	return nil
}

func (l *Log) addDelivery(d *Delivery) {
	l.bodies += len(d.post.Body)
	l.deliveries.put(d, l.revision)
}

func newDelivery(a eventgrid.Attempt) *Delivery {
	d := &Delivery{
		ID:           a.ID,
		Function:     a.Subscription.Function,
		Subscription: a.Subscription.Name,
		Meta:         a.Subscription.IsMeta(),
		Attempt:      a.Number,
		MaxAttempts:  a.Subscription.MaxDeliveryAttempts,
		Duplicate:    a.Repeated,
		Events:       []Event{},
		Count:        len(a.Events),
		Published:    a.Published,
		Started:      a.Started,
		Outcome:      InProgress,
		post:         Post{Header: map[string]string{}, Body: a.Body},
	}
	for _, e := range a.Events[:min(maxShown, len(a.Events))] {
		d.Events = append(d.Events, newEvent(e))
	}
	for name := range a.Header {
		d.post.Header[name] = a.Header.Get(name)
	}
	return d
}

// end records the result of an attempt.
func (d *Delivery) end(a eventgrid.Attempt, r eventgrid.Result) {
	d.Ended = a.Started.Add(r.Took)
	d.Status, d.Reason, d.Next, d.DeadLetters, d.DeadReason = r.Status, r.Outcome, r.Next, r.Dead, r.DeadLetterAs
	d.post.Answer = r.Answer
	switch {
	case r.Taken:
		d.Outcome, d.Reason = Delivered, ""
	case r.Dead == d.Count:
		d.Outcome = Undelivered
	default:
		d.Outcome = Failed
	}
}

func (d *Delivery) clone() Delivery {
	c := *d
	c.Invocations = slices.Clone(d.Invocations)
	return c
}

// Invoked adds an invocation that has ended to its delivery, and what its
// outputs report to the messages. An invocation without a known delivery is one
// with a queue message, or a direct call.
func (l *Log) Invoked(r host.Result) {
	reports := readOutputs(r)
	l.change(func() {
		l.writes++
		d := l.delivery(r.Delivery)
		if d == nil {
			d = directCall(r)
		}
		d.Calls++
		if len(d.Invocations) < maxShown {
			d.Invocations = append(d.Invocations, newInvocation(r, reports))
		}
		l.deliveries.put(d, l.revision)
		for _, report := range reports {
			l.apply(report)
		}
		l.applyQueueCall(d)
	})
}

func directCall(r host.Result) *Delivery {
	d := &Delivery{
		ID:       uuid.NewString(),
		Function: r.Call.Function,
		Events:   []Event{},
		Count:    len(r.Call.Events),
		Started:  r.Started,
		Ended:    r.Started.Add(r.Took),
		Outcome:  Delivered,
	}
	if r.Err != nil {
		d.Outcome = Failed
	}
	if m := r.Call.Message; m != nil {
		d.Queue, d.Attempt = m.Queue, m.DequeueCount
		d.Events = append(d.Events, newQueueEvent(m.ID, r.Call.Events[0].Text))
		return d
	}
	for _, event := range r.Call.Events[:min(maxShown, len(r.Call.Events))] {
		if r.Call.Request != nil {
			address, _, _ := strings.Cut(text(event, "Url"), "?") // the query may contain secrets
			d.Events = append(d.Events, Event{ID: text(event, "Method"), Type: address})
			break
		}
		if parsed, err := eventgrid.ParseEvents([]byte(event.Compact())); err == nil {
			d.Events = append(d.Events, newEvent(parsed[0]))
			continue
		}
		typeField := "eventType"
		if text(event, "specversion") != "" {
			typeField = "type"
		}
		d.Events = append(d.Events, Event{ID: text(event, "id"), Type: text(event, typeField)})
	}
	return d
}

func text(event dotnet.Value, field string) string {
	value, _ := event.Get(field)
	return value.Text
}

func newInvocation(r host.Result, reports []report) Invocation {
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
	i.Rejected = rejectedBy(reports)
	return i
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
