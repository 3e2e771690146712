package history

import (
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
)

// Restore adds what a transcript reports to the log: its events, a delivery, and
// what the outputs say. Call it with the oldest transcript first.
func (l *Log) Restore(t Transcript) {
	d := &Delivery{
		ID:       uuid.NewString(),
		Function: t.Function,
		Queue:    t.Queue,
		Attempt:  t.DequeueCount,
		Earlier:  true,
		Events:   []Event{},
		Count:    1,
		Started:  t.Started,
		Ended:    t.Started.Add(time.Duration(t.Took * float64(time.Millisecond))),
		Outcome:  Delivered,
		Calls:    1,
		post:     Post{Body: t.Events},
	}
	events, err := eventgrid.ParseEvents(t.Events)
	switch {
	case t.Queue != "":
		d.Events = append(d.Events, newQueueEvent(t.MessageID, messageText(t.Events)))
	case err != nil:
		return // a person typed it at the admin endpoint
	default:
		l.Published(events, t.Started)
		d.Count = len(events)
		for _, e := range events[:min(maxShown, len(events))] {
			d.Events = append(d.Events, newEvent(e))
		}
	}
	if t.Error != "" {
		d.Outcome = Failed
	}
	call := Invocation{ID: t.ID, Started: t.Started, Answered: t.Took, Took: t.Took, Status: t.Status, Remarks: len(t.Remarks), Error: t.Error}
	var reports []report
	for _, output := range t.Outputs {
		call.Outputs = append(call.Outputs, Output{output.Name, output.Target, len(output.Items)})
		for _, item := range output.Items {
			reports = appendReport(reports, []byte(item.Text.Text))
		}
	}
	call.Rejected = rejectedBy(reports)
	d.Invocations = []Invocation{call}
	l.change(func() {
		l.addDelivery(d)
		l.update(events, func(p *Progress) {
			p.State, p.Delivery, p.Attempts = Arrived, d.ID, p.Attempts+1
			if t.Error != "" {
				p.State = Waiting
			}
		})
		for _, report := range reports {
			l.apply(report)
		}
		l.applyQueueCall(d)
	})
}
