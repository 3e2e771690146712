package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/internal/testkit"
)

// consumer receives from a queue.
type consumer struct {
	t *testing.T
	storage.Storage
	queue string
}

// receive returns messages with these texts, in any order: a message that was
// hidden may come later.
func (c consumer) receive(limit int, hidden time.Duration, texts ...string) []storage.Message {
	c.t.Helper()
	messages, err := c.Receive(c.t.Context(), c.queue, limit, hidden)
	testkit.Must(c.t, err)
	c.check("received", messages, texts)
	return messages
}

func (c consumer) check(what string, messages []storage.Message, texts []string) {
	c.t.Helper()
	var got []string
	for _, m := range messages {
		got = append(got, string(m.Body))
	}
	slices.Sort(got)
	slices.Sort(texts)
	if fmt.Sprint(got) != fmt.Sprint(texts) {
		c.t.Fatalf("%s %q, want %q", what, got, texts)
	}
}

// visible checks the messages that a peek shows.
func (c consumer) visible(texts ...string) {
	c.t.Helper()
	messages, err := c.Messages(c.t.Context(), c.queue)
	testkit.Must(c.t, err)
	c.check("visible are", messages, texts)
}

func (c consumer) wants(got, want error) {
	c.t.Helper()
	if !errors.Is(got, want) {
		c.t.Errorf("got %v, want %v", got, want)
	}
}

func (c consumer) put(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		testkit.Must(c.t, c.Enqueue(c.t.Context(), c.queue, []byte(text)))
	}
}

// consume receives, updates and deletes messages.
func consume(t *testing.T, s storage.Storage) {
	c := consumer{t, s, "consumed"}
	c.receive(1, time.Minute) // there is no queue
	c.put("one", `{"n":2}`, "three")
	first := c.receive(2, time.Minute, "one", `{"n":2}`)
	c.visible("three")
	third := c.receive(1, time.Second, "three")
	if string(first[0].Body) != "one" {
		t.Errorf("the first message is %q", first[0].Body)
	}
	count, err := s.Count(t.Context(), storage.Queues, c.queue, 100)
	testkit.Must(t, err)
	if count != 3 {
		t.Errorf("the count is %d, want 3: hidden messages count", count)
	}
	one := first[0]
	if one.ID == "" || one.Receipt == "" || one.DequeueCount != 1 || one.ID == first[1].ID {
		t.Errorf("%+v", first)
	}
	if lives := one.Expires.Sub(one.Inserted); lives != storage.TimeToLive {
		t.Errorf("it lives for %s", lives)
	}
	if hidden := time.Until(one.NextVisible); hidden < 50*time.Second || hidden > 70*time.Second {
		t.Errorf("it is hidden for %s", hidden)
	}

	// A receipt is valid until the next update.
	time.Sleep(10 * time.Millisecond) // Azurite may give a receipt twice in a millisecond
	updated, err := s.UpdateMessage(t.Context(), c.queue, one, 5*time.Minute)
	testkit.Must(t, err)
	if hidden := time.Until(updated.NextVisible); hidden < 4*time.Minute || updated.Receipt == one.Receipt || string(updated.Body) != "one" {
		t.Errorf("%+v is hidden for %s", updated, hidden)
	}
	_, err = s.UpdateMessage(t.Context(), c.queue, one, 0)
	c.wants(err, storage.ErrReceipt)
	c.wants(s.DeleteMessage(t.Context(), c.queue, one), storage.ErrReceipt)

	// An update of 0 makes it visible, and the next receipt replaces the last.
	released, err := s.UpdateMessage(t.Context(), c.queue, updated, 0)
	testkit.Must(t, err)
	again := c.receive(1, time.Minute, "one")
	if again[0].ID != one.ID || again[0].DequeueCount != 2 || !again[0].Inserted.Equal(one.Inserted) {
		t.Errorf("first %+v, then %+v", one, again[0])
	}
	c.wants(s.DeleteMessage(t.Context(), c.queue, released), storage.ErrReceipt)
	testkit.Must(t, s.DeleteMessage(t.Context(), c.queue, again[0]))
	c.wants(s.DeleteMessage(t.Context(), c.queue, again[0]), storage.ErrMessageNotFound)
	_, err = s.UpdateMessage(t.Context(), c.queue, again[0], 0)
	c.wants(err, storage.ErrMessageNotFound)

	// Without a delete it is visible again.
	time.Sleep(time.Until(third[0].NextVisible) + 1100*time.Millisecond)
	third = c.receive(storage.MaxReceive, time.Minute, "three")
	c.receive(storage.MaxReceive, time.Second)
	testkit.Must(t, s.DeleteMessage(t.Context(), c.queue, third[0]))
	c.wants(s.DeleteMessage(t.Context(), "no-queue", third[0]), storage.ErrMessageNotFound)
	testkit.Must(t, s.DeleteMessage(t.Context(), c.queue, first[1]))
	c.visible()
}

// copies adds messages to another queue as they are stored.
func copies(t *testing.T, s storage.Storage) {
	c := consumer{t, s, "copied"}
	for _, m := range []storage.Message{{Body: []byte("plain not base64"), Undecodable: true}, {Body: []byte("\xff")}, {Body: []byte(`{"a":1}`)}, {}} {
		testkit.Must(t, s.CopyMessage(t.Context(), c.queue, m))
	}
	want := []string{"plain not base64", "\xff", `{"a":1}`, ""}
	c.visible(want...)
	var undecodable storage.Message
	for _, m := range c.receive(4, time.Minute, want...) {
		if m.Undecodable != (string(m.Body) == "plain not base64") {
			t.Errorf("%q: undecodable %v", m.Body, m.Undecodable)
		}
		if m.Undecodable {
			undecodable = m
		}
	}
	updated, err := s.UpdateMessage(t.Context(), c.queue, undecodable, 0)
	testkit.Must(t, err)
	if again := c.receive(1, time.Minute, "plain not base64"); !again[0].Undecodable || !updated.Undecodable {
		t.Error("an update has changed the stored text")
	}
}

// removal deletes messages that a person chose.
func removal(t *testing.T, s storage.Storage) {
	c := consumer{t, s, "removed"}
	c.put("one", "two", "three")
	messages, err := s.Messages(t.Context(), c.queue)
	testkit.Must(t, err)
	testkit.Must(t, s.RemoveMessage(t.Context(), c.queue, messages[1].ID))
	c.visible("one", "three")
	c.wants(s.RemoveMessage(t.Context(), c.queue, messages[1].ID), storage.ErrMessageNotFound)
	c.wants(s.RemoveMessage(t.Context(), "no-queue", messages[0].ID), storage.ErrMessageNotFound)
	testkit.Must(t, s.RemoveMessage(t.Context(), c.queue, messages[2].ID))
	hidden := c.receive(2, time.Minute, "one")
	c.wants(s.RemoveMessage(t.Context(), c.queue, hidden[0].ID), storage.ErrMessageNotFound)
	testkit.Must(t, s.DeleteMessage(t.Context(), c.queue, hidden[0]))
	c.visible()
}
