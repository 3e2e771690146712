package eventgrid

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// concurrency is the limit of deliveries of one subscription at once.
const concurrency = 8

// deliver delivers the events of one subscription until ctx is done, and waits
// for deliveries in progress.
func (s *Service) deliver(ctx context.Context, q *queue) {
	var inProgress sync.WaitGroup
	defer inProgress.Wait()
	slots := make(chan struct{}, concurrency)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, wait := q.take(time.Now(), s.subscription(q), s.options.Faults.Reorder())
		if len(batch) > 0 {
			inProgress.Go(func() {
				defer func() { <-slots }()
				s.handle(ctx, q, batch)
			})
			continue
		}
		<-slots
		var due <-chan time.Time
		if wait >= 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-due:
		}
	}
}

// handle makes one attempt to deliver a batch, or to dead-letter it.
func (s *Service) handle(ctx context.Context, q *queue, batch []*item) {
	if batch[0].DeadLetterAs != "" {
		s.deadLetter(ctx, q, batch)
		return
	}
	attempt := newAttempt(s.subscription(q), batch)
	s.observe(func(o Observer) { o.DeliveryStarted(attempt) })
	result := s.post(ctx, attempt)
	switch {
	case ctx.Err() != nil:
		return // the attempt does not count after a restart
	case !result.Taken:
		s.scheduleRetry(q, batch, attempt.Started, &result)
		defer q.putBack(batch)
	case !attempt.Repeated && s.options.Faults.Duplicate():
		for _, i := range batch {
			i.repeated = true
			i.Attempts++
			i.Next = time.Now()
		}
		defer q.putBack(batch)
	default:
		s.remove(q, batch)
	}
	s.observe(func(o Observer) { o.DeliveryEnded(attempt, result) })
}

// remove removes events that are delivered or given up.
func (s *Service) remove(q *queue, batch []*item) {
	for _, i := range batch {
		if err := s.store.remove(i); err != nil {
			s.options.Log.Error().Msgf("event grid: %s: a delivered event may be delivered again", err)
		}
	}
	q.remove(batch)
}

func newAttempt(subscription Subscription, batch []*item) Attempt {
	a := Attempt{
		ID:           uuid.NewString(),
		Subscription: subscription,
		Number:       batch[0].Attempts + 1,
		Repeated:     batch[0].repeated,
		Events:       events(batch),
		Published:    batch[0].Published,
		Started:      time.Now(),
		Header:       http.Header{},
	}
	var contentType string
	a.Body, contentType = encodeBatch(subscription, a.Events)
	a.Header.Set("Content-Type", contentType)
	a.Header.Set("aeg-event-type", "Notification")
	a.Header.Set("aeg-subscription-name", strings.ToUpper(subscription.Name))
	a.Header.Set("aeg-delivery-count", strconv.Itoa(batch[0].Attempts))
	a.Header.Set("aeg-metadata-version", "1")
	a.Header.Set(HeaderDelivery, a.ID)
	return a
}

func events(batch []*item) []Event {
	all := make([]Event, len(batch))
	for n, i := range batch {
		all[n] = i.event
	}
	return all
}

// encodeBatch returns the body of a delivery. Without batching a CloudEvent is
// one object; events in Event Grid's schema are always in an array.
func encodeBatch(subscription Subscription, events []Event) (body []byte, contentType string) {
	array := encodeEvents(events, func(e Event) Event { return e.In(subscription.DeliverySchema) })
	switch {
	case subscription.DeliverySchema == EventGridSchema:
		return array, "application/json; charset=utf-8"
	case subscription.MaxEventsPerBatch > 1:
		return array, "application/cloudevents-batch+json; charset=utf-8"
	default:
		return array[1 : len(array)-1], "application/cloudevents+json; charset=utf-8"
	}
}

// encodeEvents returns events as a JSON array, each one converted.
func encodeEvents(events []Event, convert func(Event) Event) []byte {
	texts := make([][]byte, len(events))
	for i, e := range events {
		texts[i] = convert(e).JSON()
	}
	return append(append([]byte{'['}, bytes.Join(texts, []byte{','})...), ']')
}

// answerLimit is the number of bytes of an answer that observers get.
const answerLimit = 4 << 10

// post makes one attempt.
func (s *Service) post(ctx context.Context, a Attempt) Result {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.options.Endpoint(a.Subscription.Function), bytes.NewReader(a.Body))
	var response *http.Response
	if err == nil {
		request.Header = a.Header
		response, err = http.DefaultClient.Do(request)
	}
	if err != nil {
		timedOut := errors.Is(ctx.Err(), context.DeadlineExceeded)
		return Result{Outcome: outcome(0, timedOut), Answer: err.Error(), Took: time.Since(a.Started)}
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	_, _ = io.Copy(io.Discard, response.Body)
	return Result{
		Status:  response.StatusCode,
		Outcome: outcome(response.StatusCode, false),
		Taken:   response.StatusCode >= 200 && response.StatusCode <= 204,
		Answer:  string(answer),
		Took:    time.Since(a.Started),
	}
}
