package eventgrid

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/worker"
)

// bury writes events that nobody took to the subscription's container, all in
// one blob. Where there is no container, or it can't be written to for hours,
// they are lost.
func (s *Service) bury(ctx context.Context, q *queue, batch []*item) {
	container := q.subscription.DeadLetterContainer
	if container == "" {
		s.buried(q, batch, "")
		s.options.Say(worker.Error, fmt.Sprintf("%d events for %s are lost (%s): the subscription has no dead-letter container", len(batch), q.subscription.Function, batch[0].DeadLetterAs))
		s.forget(q, batch)
		return
	}
	name := deadLetterName(q.subscription, time.Now())
	err := s.options.DeadLetter(ctx, container, name, encodeDeadLetters(q.subscription, batch))
	switch {
	case ctx.Err() != nil:
	case err == nil:
		s.buried(q, batch, container+"/"+name)
		s.options.Say(worker.Warning, fmt.Sprintf("%d dead letters for %s (%s) are in %s/%s", len(batch), q.subscription.Function, batch[0].DeadLetterAs, container, name))
		s.forget(q, batch)
	case time.Since(batch[0].LastAttempt) > s.scaled(deadLetterPatience):
		s.buried(q, batch, "")
		s.options.Say(worker.Error, fmt.Sprintf("%d events for %s are lost: %s could not be written to for %s: %s", len(batch), q.subscription.Function, container, deadLetterPatience, err))
		s.forget(q, batch)
	default:
		s.options.Say(worker.Error, fmt.Sprintf("dead letters for %s can't be written to %s: %s", q.subscription.Function, container, err))
		for _, i := range batch {
			i.Next = time.Now().Add(s.scaled(deadLetterDelay))
		}
		q.putBack(batch)
	}
}

// buried tells the observer where events are.
func (s *Service) buried(q *queue, batch []*item, blob string) {
	b := Burial{
		Subscription: q.subscription,
		Reason:       batch[0].DeadLetterAs,
		Attempts:     batch[0].Attempts,
		Blob:         blob,
		At:           time.Now(),
	}
	for _, i := range batch {
		b.Events = append(b.Events, i.event)
	}
	s.observer.Buried(b)
}

// deadLetterName is a blob's name: the subscription in capitals, and the hour
// without zeros ahead.
func deadLetterName(subscription Subscription, now time.Time) string {
	now = now.UTC()
	return fmt.Sprintf("%s/%d/%d/%d/%d/%s.json", strings.ToUpper(subscription.Name), now.Year(), now.Month(), now.Day(), now.Hour(), uuid.NewString())
}

func encodeDeadLetters(subscription Subscription, batch []*item) []byte {
	var text bytes.Buffer
	for n, i := range batch {
		text.WriteByte("[,"[min(n, 1)])
		text.Write(i.deadLetter(subscription.DeliverySchema).JSON())
	}
	text.WriteByte(']')
	return text.Bytes()
}

// deadLetter is the event with what the service adds: in CloudEvents the names
// are in lower case, as those of extensions are.
func (i *item) deadLetter(schema string) Event {
	event := i.event.In(schema)
	add := func(name string, value jsontext.Value) {
		if schema == CloudEventSchema {
			name = strings.ToLower(name)
		}
		event.members = append(event.members, member{name, value})
	}
	event.members = slices.Clone(event.members)
	add("deadLetterReason", quote(i.DeadLetterAs))
	add("deliveryAttempts", jsontext.Value(strconv.Itoa(i.Attempts)))
	add("lastDeliveryOutcome", quote(i.LastOutcome))
	add("publishTime", quote(ticks(i.Published)))
	add("lastDeliveryAttemptTime", quote(ticks(i.LastAttempt)))
	return event
}

// ticks writes a time as the service does.
func ticks(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.0000000Z")
}

func quote(text string) jsontext.Value {
	quoted, _ := jsontext.AppendQuote(nil, text)
	return quoted
}
