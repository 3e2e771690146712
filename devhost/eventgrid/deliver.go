package eventgrid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp-functions/devhost/worker"
)

// concurrency is how many deliveries of one subscription are under way at
// once, at most.
const concurrency = 8

// run delivers the events of one subscription until ctx is done, and returns
// when no delivery is under way any more.
func (s *Service) run(ctx context.Context, q *queue) {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	slots := make(chan struct{}, concurrency)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, wait := q.take(time.Now())
		if len(batch) > 0 {
			underWay.Go(func() {
				defer func() { <-slots }()
				s.handle(ctx, q, batch)
			})
			continue
		}
		<-slots
		if !sleep(ctx, q.wake, wait) {
			return
		}
	}
}

// sleep waits until it is woken or the time is up, which is never if it is
// negative. It returns false when ctx is done.
func sleep(ctx context.Context, wake <-chan struct{}, d time.Duration) bool {
	var up <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		up = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return true
	case <-up:
		return true
	}
}

// handle brings a batch one step further.
func (s *Service) handle(ctx context.Context, q *queue, batch []*item) {
	if batch[0].DeadLetterAs != "" {
		s.bury(ctx, q, batch)
		return
	}
	started := time.Now()
	status, timedOut, err := s.post(ctx, q.subscription, batch)
	switch {
	case ctx.Err() != nil:
		// The service ends: whoever comes next knows nothing of this attempt.
	case err == nil && taken(status):
		s.forget(q, batch)
	default:
		s.failed(q, batch, started, status, timedOut)
	}
}

// post makes one attempt. Without an answer the status is 0.
func (s *Service) post(ctx context.Context, subscription Subscription, batch []*item) (status int, timedOut bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	body, contentType := encodeBatch(subscription, batch)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.options.Endpoint(subscription.Function), bytes.NewReader(body))
	if err != nil {
		return 0, false, err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("aeg-event-type", "Notification")
	request.Header.Set("aeg-subscription-name", strings.ToUpper(subscription.Name))
	request.Header.Set("aeg-delivery-count", strconv.Itoa(batch[0].Attempts))
	request.Header.Set("aeg-metadata-version", "1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, errors.Is(ctx.Err(), context.DeadlineExceeded), err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, false, nil
}

// encodeBatch writes what is posted. A CloudEvent goes alone, not in an array,
// unless the subscription asks for batches; Event Grid's schema is always an
// array.
func encodeBatch(subscription Subscription, batch []*item) (body []byte, contentType string) {
	events := make([][]byte, len(batch))
	for i, item := range batch {
		events[i] = item.event.In(subscription.DeliverySchema).JSON()
	}
	array := append(append([]byte{'['}, bytes.Join(events, []byte{','})...), ']')
	switch {
	case subscription.DeliverySchema == EventGridSchema:
		return array, "application/json; charset=utf-8"
	case subscription.MaxEventsPerBatch > 1:
		return array, "application/cloudevents-batch+json; charset=utf-8"
	default:
		return events[0], "application/cloudevents+json; charset=utf-8"
	}
}

// forget ends the way of events that were taken, or can't be kept.
func (s *Service) forget(q *queue, batch []*item) {
	for _, i := range batch {
		if err := s.store.remove(i); err != nil {
			s.options.Say(worker.Error, fmt.Sprintf("event grid: %s: a delivered event may come again", err))
		}
	}
	q.drop(batch)
}

// failed says when events that were not taken come again, or that they are
// dead.
func (s *Service) failed(q *queue, batch []*item, started time.Time, status int, timedOut bool) {
	answer := outcome(status, timedOut)
	ended := time.Now()
	extra := jitter(pause(batch[0].Attempts+1, status))
	var next time.Duration
	dead := 0
	for _, i := range batch {
		i.Attempts++
		i.LastAttempt, i.LastOutcome = started, answer
		wait := pause(i.Attempts, status) + extra
		switch {
		case !retried(status):
			i.DeadLetterAs, wait = answer, deadLetterDelay
		case i.Attempts >= q.subscription.MaxDeliveryAttempts:
			i.DeadLetterAs, wait = "MaxDeliveryAttemptsExceeded", deadLetterDelay
		case ended.Add(s.scaled(wait)).Sub(i.Published) > s.scaled(q.subscription.timeToLive()):
			// Whether its time is up is only looked at when it is due again.
			i.DeadLetterAs = "TimeToLiveExceeded"
		default:
			next = max(next, wait)
		}
		if i.DeadLetterAs != "" {
			dead++
		}
		i.Next = ended.Add(s.scaled(wait))
		if err := s.store.save(i); err != nil {
			s.options.Say(worker.Error, fmt.Sprintf("event grid: %s: an attempt is not counted", err))
		}
	}
	text := fmt.Sprintf("delivery of %d events to %s failed: %s, attempt %d", len(batch), q.subscription.Function, answer, batch[0].Attempts)
	if dead < len(batch) {
		text += fmt.Sprintf("; again in %s", next.Round(time.Second))
		if s.options.TimeScale != 1 {
			text += fmt.Sprintf(", which is %s here", s.scaled(next).Round(time.Millisecond))
		}
	}
	if dead > 0 {
		text += fmt.Sprintf("; %d of them are dead letters (%s)", dead, batch[0].DeadLetterAs)
	}
	s.options.Say(worker.Warning, text)
	q.putBack(batch)
}
