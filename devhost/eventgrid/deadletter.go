package eventgrid

import (
	"context"
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
)

// deadLetter writes events to the subscription's container, all in one blob.
// Without a container, or if it can't be written to for hours, they are lost.
func (s *Service) deadLetter(ctx context.Context, q *queue, batch []*item) {
	subscription := s.subscription(q)
	container, function, reason := q.subscription.DeadLetterContainer, subscription.Function, batch[0].DeadLetterAs
	d := DeadLetters{Subscription: subscription, Events: events(batch), Reason: reason, Attempts: batch[0].Attempts}
	level, text := zerolog.ErrorLevel, fmt.Sprintf("%d events for %s are lost (%s): the subscription has no dead-letter container", len(batch), function, reason)
	if subscription.IsMeta() {
		text = fmt.Sprintf("a webhook for %s is lost: Meta drops it after seven days", function)
	}
	if container != "" {
		name := deadLetterName(q.subscription, time.Now())
		err := s.options.DeadLetter(ctx, container, name, encodeDeadLetters(q.subscription.DeliverySchema, batch))
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			d.Blob = container + "/" + name
			level, text = zerolog.WarnLevel, fmt.Sprintf("%d dead letters for %s (%s) are in %s", len(batch), function, reason, d.Blob)
		case time.Since(batch[0].LastAttempt) > s.scaled(deadLetterTimeout):
			text = fmt.Sprintf("%d events for %s are lost: writing to %s failed for %s: %s", len(batch), function, container, deadLetterTimeout, err)
		default:
			s.options.Log.Error().Msgf("dead letters for %s can't be written to %s: %s", function, container, err)
			for _, i := range batch {
				i.Next = time.Now().Add(s.scaled(deadLetterDelay))
			}
			q.putBack(batch)
			return
		}
	}
	d.At = time.Now()
	s.observe(func(o Observer) { o.DeadLettered(d) })
	s.options.Log.WithLevel(level).Msg(text)
	s.remove(q, batch)
}

// deadLetterName returns a blob name as the service writes it: the
// subscription in capitals, and the hour without leading zeros.
func deadLetterName(subscription Subscription, now time.Time) string {
	return strings.ToUpper(subscription.Name) + now.UTC().Format("/2006/1/2/") + strconv.Itoa(now.UTC().Hour()) + "/" + uuid.NewString() + ".json"
}

// encodeDeadLetters adds the service's fields. In CloudEvents their names are
// in lower case, like those of extensions.
func encodeDeadLetters(schema string, batch []*item) []byte {
	n := -1
	return encodeEvents(events(batch), func(e Event) Event {
		n++
		i := batch[n]
		e = Event{slices.Clone(e.In(schema).fields)}
		for _, f := range []field{
			{"deadLetterReason", quote(i.DeadLetterAs)},
			{"deliveryAttempts", jsontext.Value(strconv.Itoa(i.Attempts))},
			{"lastDeliveryOutcome", quote(i.LastOutcome)},
			{"publishTime", ticks(i.Published)},
			{"lastDeliveryAttemptTime", ticks(i.LastAttempt)},
		} {
			if schema == CloudEventSchema {
				f.name = strings.ToLower(f.name)
			}
			e.fields = append(e.fields, f)
		}
		return e
	})
}

// ticks returns a time as the service writes it, with seven digits.
func ticks(t time.Time) jsontext.Value { return quote(t.UTC().Format("2006-01-02T15:04:05.0000000Z")) }
