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
	attempt, url, err := s.newAttempt(s.subscription(q), batch)
	s.observe(func(o Observer) { o.DeliveryStarted(attempt) })
	result := s.post(ctx, attempt, url, err)
	switch {
	case ctx.Err() != nil:
		return // the attempt does not count after a restart
	case !result.Taken:
		s.scheduleRetry(q, batch, attempt.Subscription.Function, attempt.Started, &result)
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

// newAttempt returns an attempt to deliver a batch, and where to. The error says
// why it can't be made.
func (s *Service) newAttempt(subscription Subscription, batch []*item) (a Attempt, url string, err error) {
	a = Attempt{
		ID:           uuid.NewString(),
		Subscription: subscription,
		Number:       batch[0].Attempts + 1,
		Repeated:     batch[0].repeated,
		Events:       events(batch),
		Published:    batch[0].Published,
		Started:      time.Now(),
		Header:       http.Header{},
	}
	a.Header.Set(HeaderDelivery, a.ID)
	if subscription.IsMeta() {
		a.Body, _ = batch[0].event.webhookBody()
		if s.options.Meta == nil {
			return a, "", errNoMeta
		}
		var target Target
		if target, err = s.options.Meta(); err != nil {
			return a, "", err
		}
		a.Header.Set("Content-Type", "application/json")
		a.Header.Set("User-Agent", "facebookexternalua")
		a.Header.Set("X-Hub-Signature-256", sign(a.Body, target.Secret))
		return a, target.URL, nil
	}
	var contentType string
	a.Body, contentType = encodeBatch(subscription, a.Events)
	a.Header.Set("Content-Type", contentType)
	a.Header.Set("aeg-event-type", "Notification")
	a.Header.Set("aeg-subscription-name", strings.ToUpper(subscription.Name))
	a.Header.Set("aeg-delivery-count", strconv.Itoa(batch[0].Attempts))
	a.Header.Set("aeg-metadata-version", "1")
	return a, s.options.Endpoint(subscription.Function), nil
}

func events(batch []*item) []Event {
	var all []Event
	for _, i := range batch {
		all = append(all, i.events()...)
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

// post makes one attempt, which fails with an error that is not nil.
func (s *Service) post(ctx context.Context, a Attempt, url string, err error) Result {
	rules := rulesOf(a.Subscription)
	ctx, cancel := context.WithTimeout(ctx, rules.timeout)
	defer cancel()
	var request *http.Request
	if err == nil {
		request, err = http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(a.Body))
	}
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
		Taken:   response.StatusCode >= http.StatusOK && response.StatusCode <= rules.lastSuccess,
		Answer:  string(answer),
		Took:    time.Since(a.Started),
	}
}
