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

	"github.com/google/uuid"

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
		batch, wait := q.take(time.Now(), s.subscription(q), s.options.Faults.Reorder())
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
	attempt := newAttempt(s.subscription(q), batch)
	s.observer.Began(attempt)
	result := s.post(ctx, attempt)
	switch {
	case ctx.Err() != nil:
		// The service ends: whoever comes next knows nothing of this attempt.
		return
	case !result.Taken:
		s.failed(q, batch, attempt.Started, &result)
		defer q.putBack(batch)
	case !attempt.Repeated && s.options.Faults.Duplicate():
		repeat(batch)
		defer q.putBack(batch)
	default:
		s.forget(q, batch)
	}
	s.observer.Ended(attempt, result)
}

func newAttempt(subscription Subscription, batch []*item) Attempt {
	a := Attempt{
		ID:           uuid.NewString(),
		Subscription: subscription,
		Number:       batch[0].Attempts + 1,
		Repeated:     batch[0].repeated,
		Published:    batch[0].Published,
		Started:      time.Now(),
		Header:       http.Header{},
	}
	for _, i := range batch {
		a.Events = append(a.Events, i.event)
	}
	var contentType string
	a.Body, contentType = encodeBatch(subscription, batch)
	a.Header.Set("Content-Type", contentType)
	a.Header.Set("aeg-event-type", "Notification")
	a.Header.Set("aeg-subscription-name", strings.ToUpper(subscription.Name))
	a.Header.Set("aeg-delivery-count", strconv.Itoa(batch[0].Attempts))
	a.Header.Set("aeg-metadata-version", "1")
	a.Header.Set(HeaderDelivery, a.ID)
	return a
}

// repeat makes events that were taken come again, once.
func repeat(batch []*item) {
	for _, i := range batch {
		i.repeated = true
		i.Attempts++
		i.Next = time.Now()
	}
}

// answerLimit is how much of an answer is told.
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
		Taken:   taken(response.StatusCode),
		Answer:  string(answer),
		Took:    time.Since(a.Started),
	}
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
func (s *Service) failed(q *queue, batch []*item, started time.Time, result *Result) {
	status, answer := result.Status, result.Outcome
	ended := time.Now()
	extra := jitter(pause(batch[0].Attempts+1, status))
	var next time.Duration
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
		i.Next = ended.Add(s.scaled(wait))
		if i.DeadLetterAs != "" {
			result.Dead++
			result.DeadLetterAs = i.DeadLetterAs
		} else if i.Next.After(result.Next) {
			result.Next = i.Next
		}
		if err := s.store.save(i); err != nil {
			s.options.Say(worker.Error, fmt.Sprintf("event grid: %s: an attempt is not counted", err))
		}
	}
	text := fmt.Sprintf("delivery of %d events to %s failed: %s, attempt %d", len(batch), q.subscription.Function, answer, batch[0].Attempts)
	if result.Dead < len(batch) {
		text += fmt.Sprintf("; again in %s", next.Round(time.Second))
		if s.options.TimeScale != 1 {
			text += fmt.Sprintf(", which is %s here", s.scaled(next).Round(time.Millisecond))
		}
	}
	if result.Dead > 0 {
		text += fmt.Sprintf("; %d of them are dead letters (%s)", result.Dead, result.DeadLetterAs)
	}
	s.options.Say(worker.Warning, text)
}
