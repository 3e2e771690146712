package chat_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/chat"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/whatsapp"
)

var at = time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)

// events are events as a topic reads them.
func events(t *testing.T, made whatsapp.Event, err error) []eventgrid.Event {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := eventgrid.ParseEvents(made.In(whatsapp.CloudEvents))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func message(t *testing.T, m whatsapp.Message) []eventgrid.Event {
	t.Helper()
	made, err := m.Event(at)
	return events(t, made, err)
}

func status(t *testing.T, s whatsapp.Status) []eventgrid.Event {
	t.Helper()
	made, err := s.Event(at)
	return events(t, made, err)
}

// only is the one entry.
func only(t *testing.T, l *chat.Log) chat.Entry {
	t.Helper()
	entries, _ := l.Since(0)
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	return entries[0]
}

func TestWhatBecomesOfMessage(t *testing.T) {
	l := &chat.Log{}
	e := message(t, whatsapp.Message{Kind: "interactive", Choice: &whatsapp.Choice{List: true, ID: "m", Title: "Medium"}, ReplyTo: "before"})
	l.Published(e, at)
	got := only(t, l)
	if got.Kind != "interactive" || got.Choice == nil || !got.Choice.List || got.Choice.Title != "Medium" || got.ReplyTo != "before" || got.Event.State != chat.Published {
		t.Errorf("%+v %+v", got, got.Choice)
	}
	_, revision := l.Since(0)
	a := eventgrid.Attempt{ID: "a", Events: e}
	steps := []struct {
		do   func()
		want chat.State
	}{
		{func() { l.DeliveryStarted(a) }, chat.Delivering},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Outcome: "Busy", Next: at}) }, chat.Waiting},
		{func() { l.DeliveryStarted(a) }, chat.Delivering},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Taken: true}) }, chat.Done},
		{func() { l.Published(e, at) }, chat.Published},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Dead: 1, DeadLetterAs: "BadRequest"}) }, chat.Dead},
		{func() { l.DeadLettered(eventgrid.DeadLetters{Events: e, Reason: "BadRequest"}) }, chat.Dead},
	}
	for i, step := range steps {
		step.do()
		changed, now := l.Since(revision)
		if len(changed) != 1 || changed[0].Event.State != step.want {
			t.Fatalf("step %d: %+v", i, changed)
		}
		revision = now
	}
	if got := only(t, l).Event; got.Attempts != 2 || got.Published != 2 || got.Delivery != "a" || got.Reason != "BadRequest" {
		t.Errorf("%+v", got)
	}
	if changed, _ := l.Since(revision); changed != nil {
		t.Errorf("it has changed: %+v", changed)
	}
}

func TestStatuses(t *testing.T) {
	l := &chat.Log{}
	if err := l.Send("m", "Hello", whatsapp.Person{}); err != nil {
		t.Fatal(err)
	}
	if err := l.Send("m", "Hello", whatsapp.Person{}); !errors.Is(err, chat.ErrThere) {
		t.Errorf("a second message of the same id: %v", err)
	}
	for range 25 {
		l.Published(status(t, whatsapp.Status{MessageID: "m", Status: "read"}), at)
	}
	failed := status(t, whatsapp.Status{MessageID: "m", Status: "failed", Code: "131047"})
	l.Published(failed, at)
	got := only(t, l)
	last := got.Statuses[len(got.Statuses)-1]
	if got.StatusCount != 26 || len(got.Statuses) != 20 || last.Status != "Failed" || last.Code != "131047" {
		t.Errorf("%+v %+v", got, last)
	}
	l.Invoked(host.Result{Outcome: bridge.Outcome{Written: []bridge.Written{{Items: []bridge.Item{
		{Content: []byte("\x00 no text")},
		{Content: fmt.Appendf(nil, `{"data":{"eventId":%q,"error":{"code":"131047"},"failure":{"class":"window-closed","retry":"never","advice":"send a template"}}}`, failed[0].ID())},
	}}}}})
	want := chat.Failure{Class: "window-closed", Retry: "never", Advice: "send a template"}
	got = only(t, l)
	if said := got.Statuses[19].Event.Said.Failure; said == nil || *said != want {
		t.Errorf("the app said %+v", said)
	}
	if l.Failures()["131047"] != want {
		t.Errorf("%+v", l.Failures())
	}
	l.Published(status(t, whatsapp.Status{MessageID: "elsewhere", Status: "sent"}), at)
	if entries, _ := l.Since(0); len(entries) != 2 || !entries[1].Outgoing || entries[1].MessageID != "elsewhere" {
		t.Errorf("%+v", entries)
	}
}

func TestRejected(t *testing.T) {
	l := &chat.Log{}
	e := message(t, whatsapp.Message{Kind: "text", Text: "x"})
	l.Published(e, at)
	l.Invoked(host.Result{Outcome: bridge.Outcome{Written: []bridge.Written{{Items: []bridge.Item{
		{Content: fmt.Appendf(nil, `{"events":[{"reason":"malformed-data","detail":"at 7","event":{"id":%q}}]}`, e[0].ID())},
	}}}}})
	if said := only(t, l).Event.Said.Rejected; said != "malformed-data: at 7" {
		t.Error(said)
	}
}

// Whatever comes, the log stays small.
func TestBounds(t *testing.T) {
	l := &chat.Log{}
	first := message(t, whatsapp.Message{Kind: "text", Text: "first"})
	l.Published(first, at)
	for range chat.MaxEntries {
		l.Published(message(t, whatsapp.Message{Kind: "text", Text: "more"}), at)
	}
	_, revision := l.Since(0)
	l.DeliveryStarted(eventgrid.Attempt{Events: first})
	if changed, _ := l.Since(revision); changed != nil {
		t.Errorf("what is forgotten changes: %+v", changed)
	}
	entries, _ := l.Since(0)
	if len(entries) != chat.MaxEntries || l.Forgotten() != 1 {
		t.Errorf("%d entries, %d forgotten", len(entries), l.Forgotten())
	}
	l.Clear()
	if entries, _ := l.Since(0); len(entries) != 0 || l.Forgotten() != 0 {
		t.Errorf("%d entries are left", len(entries))
	}
}
