package prove_test

import (
	"encoding/json/v2"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/simulator"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
)

// event makes an event with a message id of its own, counted as accepted: a
// text message, an image, or a status of that name.
func (s *stack) event(kind string, at time.Time, text string) string {
	s.t.Helper()
	var event whatsapp.Event
	var err error
	if kind == "text" || kind == "image" {
		event, err = whatsapp.Message{Kind: kind, Text: text}.Event(at)
	} else {
		event, err = whatsapp.Status{Status: kind}.Event(at)
	}
	testkit.Must(s.t, err)
	var data struct {
		MessageID string `json:"messageId"`
	}
	testkit.Must(s.t, json.Unmarshal(event.Data, &data))
	s.accept(kind, data.MessageID)
	return string(event.In(whatsapp.CloudEvents))
}

// accept counts a message or status as accepted.
func (s *stack) accept(kind, id string) {
	s.accepted = append(s.accepted, id)
	if kind == "image" {
		s.images = append(s.images, id)
	}
}

// webhook publishes a webhook of Meta with a message id of its own, counted as
// accepted: a text message, an image, or a status of that name.
func (s *stack) webhook(kind string) {
	s.t.Helper()
	s.webhooks++
	id := fmt.Sprintf("wamid.HBgL/%d+A==", s.webhooks)
	var body []byte
	var err error
	if kind == "text" || kind == "image" {
		body, err = whatsapp.Message{Kind: kind, Text: "Hello", ID: id}.Webhook(time.Now())
	} else {
		body, err = whatsapp.Status{Status: kind, MessageID: id}.Webhook(time.Now())
	}
	testkit.Must(s.t, err)
	s.accept(kind, id)
	testkit.Must(s.t, eventgrid.PublishTo(s.t.Context(), "http://"+s.address+eventgrid.MetaPath, body))
}

// publish publishes batches of messages, images and failed statuses, through Event
// Grid and as Meta.
func (s *stack) publish(batches int) {
	s.t.Helper()
	for range batches {
		var batch []string
		for range 5 {
			batch = append(batch, s.event("text", time.Now(), "Hello"), s.event("failed", time.Now(), ""))
		}
		s.publishBody("[" + strings.Join(append(batch, s.event("image", time.Now(), "Hello")), ",") + "]")
		s.webhook("text")
		s.webhook("image")
		s.webhook("failed")
	}
}

func (s *stack) publishBody(body string) {
	s.t.Helper()
	testkit.Must(s.t, eventgrid.PublishTo(s.t.Context(), "http://"+s.address+eventgrid.Path, []byte(body)))
}

// deliver posts events to a function's webhook without Event Grid. It returns 0
// if there is no answer.
func (s *stack) deliver(function, body string) int {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.address+"/runtime/webhooks/EventGrid?functionName="+function, strings.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("aeg-event-type", "Notification")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// setFaults sets the faults that devhost injects.
func (s *stack) setFaults(switches string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, "http://"+s.address+simulator.Prefix+"faults", strings.NewReader(switches))
	testkit.Must(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	testkit.Must(s.t, err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.t.Fatalf("faults %s: status %d", switches, response.StatusCode)
	}
}

// pending counts the events that Event Grid has stored and not yet delivered.
func (s *stack) pending() (n int) {
	_ = filepath.WalkDir(filepath.Join(s.data, "eventgrid"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			n++
		}
		return nil
	})
	return n
}

// settle waits until all events are delivered and returns how long that took.
func (s *stack) settle() time.Duration {
	s.t.Helper()
	started := time.Now()
	for end := started.Add(4 * time.Minute); s.pending() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			output := s.output.String()
			s.t.Fatalf("%d events are not delivered:\n%s", s.pending(), output[max(0, len(output)-4000):])
		}
	}
	return time.Since(started)
}
