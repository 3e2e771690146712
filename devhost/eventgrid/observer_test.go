package eventgrid

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/faults"
)

// watcher records the calls of an observer.
type watcher struct {
	mu  sync.Mutex
	all []string
	// next is the time of the next attempt.
	next time.Time
}

func (w *watcher) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, fmt.Sprintf(format, args...))
}

func (w *watcher) notes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.all...)
}

func (w *watcher) Published(events []Event, _ time.Time) { w.note("published %s", ids(events)) }

func (w *watcher) DeliveryStarted(a Attempt) {
	again := ""
	if a.Repeated {
		again = " again"
	}
	w.note("attempt %d%s: %s to %s", a.Number, again, ids(a.Events), a.Subscription.Function)
}

func (w *watcher) DeliveryEnded(a Attempt, r Result) {
	w.mu.Lock()
	w.next = r.Next
	w.mu.Unlock()
	w.note("attempt %d: %d %s, taken %t, dead %d %s", a.Number, r.Status, r.Outcome, r.Taken, r.Dead, r.DeadLetterAs)
}

func (w *watcher) DeadLettered(b DeadLetters) {
	container, _, _ := strings.Cut(b.Blob, "/")
	w.note("dead-lettered %s in %s: %s after %d", ids(b.Events), container, b.Reason, b.Attempts)
}

func ids(events []Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.ID())
	}
	return strings.Join(all, ",")
}

// watched returns a service with an observer.
func watched(t *testing.T, subscription Subscription, switches faults.Switches, answers ...int) (*service, *watcher) {
	t.Helper()
	s, w := newService(t, t.TempDir(), subscription, answers...), new(watcher)
	s.options.Observers = []Observer{w}
	f, err := faults.New(switches)
	if err != nil {
		t.Fatal(err)
	}
	s.options.Faults = f
	return s, w
}

func TestObserver(t *testing.T) {
	for name, test := range map[string]struct {
		switches faults.Switches
		answers  []int
		want     []string
	}{
		"a failure, and a second attempt": {answers: []int{500, 202}, want: []string{
			"published 1",
			"attempt 1: 1 to F", "attempt 1: 500 InternalServerError, taken false, dead 0 ",
			"attempt 2: 1 to F", "attempt 2: 202 Accepted, taken true, dead 0 ",
		}},
		"a refusal": {answers: []int{400}, want: []string{
			"published 1",
			"attempt 1: 1 to F", "attempt 1: 400 BadRequest, taken false, dead 1 BadRequest",
			"dead-lettered 1 in dead: BadRequest after 1",
		}},
		"a duplicate on request": {switches: faults.Switches{Duplicates: 1}, want: []string{
			"published 1",
			"attempt 1: 1 to F", "attempt 1: 202 Accepted, taken true, dead 0 ",
			"attempt 2 again: 1 to F", "attempt 2: 202 Accepted, taken true, dead 0 ",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s, w := watched(t, usual, test.switches, test.answers...)
			s.running(t)
			s.publish(t, numbered(1))
			s.settled(t)
			waitFor(t, "all calls", func() bool { return len(w.notes()) >= len(test.want) })
			if diff := cmp.Diff(test.want, w.notes()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Waiting events have a time, and are delivered at once on request.
func TestWaiting(t *testing.T) {
	s, w := watched(t, usual, faults.Switches{}, 500)
	s.options.TimeScale = 1
	s.running(t)
	s.publish(t, numbered(1, 2))
	waitFor(t, "both to fail", func() bool { _, count := s.Waiting(1); return count == 2 })
	soonest, _ := s.Waiting(1)
	if len(soonest) != 1 || soonest[0].Attempts != 1 || soonest[0].LastOutcome != "InternalServerError" || soonest[0].MaxAttempts != 30 {
		t.Errorf("%+v", soonest)
	}
	if left := time.Until(soonest[0].Next); left < 5*time.Second || left > 12*time.Second {
		t.Errorf("the next attempt is in %s", left)
	}
	s.DeliverNow()
	waitFor(t, "both to fail again", func() bool { return strings.Count(strings.Join(w.notes(), "\n"), "attempt 2: 500") == 2 })
}

func TestDelayOnRequest(t *testing.T) {
	const delay = 300 * time.Millisecond
	s, _ := watched(t, usual, faults.Switches{Delay: delay})
	s.running(t)
	published := time.Now()
	s.publish(t, numbered(1))
	if soonest, _ := s.Waiting(1); len(soonest) != 1 || soonest[0].Attempts != 0 {
		t.Errorf("%+v", soonest)
	}
	s.settled(t)
	if took := time.Since(published); took < delay {
		t.Errorf("it was delivered after %s", took)
	}
}

func TestReorderOnRequest(t *testing.T) {
	batches := usual
	batches.MaxEventsPerBatch = 100
	s, _ := watched(t, batches, faults.Switches{Reorder: true})
	s.publish(t, numbered(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
	s.DeliverNow()
	s.running(t)
	s.settled(t)
	got := s.subscriber.deliveries()[0].ids
	if len(got) != 12 || strings.Join(got, ",") == "1,2,3,4,5,6,7,8,9,10,11,12" {
		t.Errorf("the order is %q", got)
	}
}

func TestOverrides(t *testing.T) {
	s, _ := watched(t, usual, faults.Switches{})
	for _, wrong := range []Overrides{{Schema: "xml"}, {MaxEventsPerBatch: -1}, {MaxEventsPerBatch: 5001}} {
		if err := s.Override(wrong); err == nil {
			t.Errorf("%+v is accepted", wrong)
		}
	}
	if err := s.Override(Overrides{Schema: CloudEventSchema, MaxEventsPerBatch: 3}); err != nil {
		t.Fatal(err)
	}
	s.publish(t, numbered(1, 2, 3))
	s.running(t)
	s.settled(t)
	got := s.subscriber.deliveries()
	if len(got) != 1 || got[0].contentType != "application/cloudevents-batch+json; charset=utf-8" || got[0].headers.Get(HeaderDelivery) == "" {
		t.Errorf("%+v", got)
	}
	if http.CanonicalHeaderKey(HeaderDelivery) != HeaderDelivery {
		t.Error("the header is not in canonical form")
	}
}
