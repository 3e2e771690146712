package history_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/whatsapp"
)

var at = time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)

// events returns an event as the topic reads it.
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

// messages returns the messages that changed after a revision.
func messages(l *history.Log, after uint64) []history.Message {
	changes, _ := l.Since(after)
	return changes.Messages
}

// revision returns the current revision.
func revision(l *history.Log) uint64 {
	_, now := l.Since(0)
	return now
}

// only returns the one message.
func only(t *testing.T, l *history.Log) history.Message {
	t.Helper()
	all := messages(l, 0)
	if len(all) != 1 {
		t.Fatalf("%d messages", len(all))
	}
	return all[0]
}

func TestProgressOfMessage(t *testing.T) {
	l := &history.Log{}
	e := message(t, whatsapp.Message{Kind: "interactive", Choice: &whatsapp.Choice{List: true, ID: "m", Title: "Medium"}, ReplyTo: "before"})
	l.Published(e, at)
	got := only(t, l)
	if got.Kind != "interactive" || got.Choice == nil || !got.Choice.List || got.Choice.Title != "Medium" || got.ReplyTo != "before" || got.Event.State != history.Published {
		t.Errorf("%+v %+v", got, got.Choice)
	}
	before := revision(l)
	a := eventgrid.Attempt{ID: "a", Events: e}
	steps := []struct {
		do   func()
		want history.State
	}{
		{func() { l.DeliveryStarted(a) }, history.Delivering},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Outcome: "Busy", Next: at}) }, history.Waiting},
		{func() { l.DeliveryStarted(a) }, history.Delivering},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Taken: true}) }, history.Arrived},
		{func() { l.Published(e, at) }, history.Published},
		{func() { l.DeliveryEnded(a, eventgrid.Result{Dead: 1, DeadLetterAs: "BadRequest"}) }, history.Dead},
		{func() { l.DeadLettered(eventgrid.DeadLetters{Events: e, Reason: "BadRequest"}) }, history.Dead},
	}
	for i, step := range steps {
		step.do()
		changed := messages(l, before)
		if len(changed) != 1 || changed[0].Event.State != step.want {
			t.Fatalf("step %d: %+v", i, changed)
		}
		before = revision(l)
	}
	if got := only(t, l).Event; got.Attempts != 2 || got.Published != 2 || got.Delivery != "a" || got.Reason != "BadRequest" {
		t.Errorf("%+v", got)
	}
	if changed := messages(l, before); changed != nil {
		t.Errorf("it has changed: %+v", changed)
	}
}

func TestStatuses(t *testing.T) {
	l := &history.Log{}
	if err := l.Send("m", "Hello", whatsapp.Person{}); err != nil {
		t.Fatal(err)
	}
	if err := l.Send("m", "Hello", whatsapp.Person{}); !errors.Is(err, history.ErrExists) {
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
	want := history.Failure{Class: "window-closed", Retry: "never", Advice: "send a template"}
	got = only(t, l)
	if said := got.Statuses[19].Event.Result.Failure; said == nil || *said != want {
		t.Errorf("the result is %+v", said)
	}
	if l.Failures()["131047"] != want {
		t.Errorf("%+v", l.Failures())
	}
	l.Published(status(t, whatsapp.Status{MessageID: "elsewhere", Status: "sent"}), at)
	if entries := messages(l, 0); len(entries) != 2 || !entries[1].Outgoing || entries[1].MessageID != "elsewhere" {
		t.Errorf("%+v", entries)
	}
}

func TestRejected(t *testing.T) {
	l := &history.Log{}
	e := message(t, whatsapp.Message{Kind: "text", Text: "x"})
	l.Published(e, at)
	l.Invoked(host.Result{Outcome: bridge.Outcome{Written: []bridge.Written{{Items: []bridge.Item{
		{Content: fmt.Appendf(nil, `{"events":[{"reason":"malformed-data","detail":"at 7","event":{"id":%q}}]}`, e[0].ID())},
	}}}}})
	if said := only(t, l).Event.Result.Rejected; said != "malformed-data: at 7" {
		t.Error(said)
	}
}

// The log drops the oldest messages.
func TestLimitOfMessages(t *testing.T) {
	l := &history.Log{}
	first := message(t, whatsapp.Message{Kind: "text", Text: "first"})
	l.Published(first, at)
	for range history.MaxMessages {
		l.Published(message(t, whatsapp.Message{Kind: "text", Text: "more"}), at)
	}
	before := revision(l)
	l.DeliveryStarted(eventgrid.Attempt{Events: first})
	if changed := messages(l, before); changed != nil {
		t.Errorf("a dropped message changes: %+v", changed)
	}
	entries := messages(l, 0)
	if len(entries) != history.MaxMessages || l.Dropped().Messages != 1 {
		t.Errorf("%d entries, %d dropped", len(entries), l.Dropped().Messages)
	}
	l.Clear()
	if entries := messages(l, 0); len(entries) != 0 || l.Dropped().Messages != 0 {
		t.Errorf("%d entries are left", len(entries))
	}
}

// The memory is limited in bytes too: of large messages fewer are kept.
func TestLimitInBytes(t *testing.T) {
	l := &history.Log{}
	for range 60 {
		l.Published(message(t, whatsapp.Message{Kind: "text", Text: strings.Repeat("x", 900<<10)}), at)
	}
	size := 0
	all := messages(l, 0)
	for _, m := range all {
		size += len(m.Text)
	}
	if size > history.MaxBytes || size < history.MaxBytes/2 || l.Dropped().Messages != 60-len(all) {
		t.Errorf("%d messages of %d bytes, %d dropped", len(all), size, l.Dropped().Messages)
	}
}
