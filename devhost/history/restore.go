package history

import (
	"encoding/json/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
)

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
	var reports []report
	call := Invocation{ID: t.ID, Started: t.Started, Answered: t.Took, Took: t.Took, Status: t.Status, Remarks: len(t.Remarks), Error: t.Error}
	for _, output := range t.Outputs {
		call.Outputs = append(call.Outputs, Output{output.Name, output.Target, len(output.Items)})
		for _, item := range output.Items {
			var read report
			if strings.HasPrefix(item.Text.Text, "{") && json.Unmarshal([]byte(item.Text.Text), &read, tolerant) == nil {
				reports = append(reports, read)
				for _, rejected := range read.Events {
					call.Rejected = append(call.Rejected, rejected.Reason)
				}
			}
		}
	}
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
	})
}
