package simulator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/whatsapp"
)

// maxCount is how many events the page publishes at once.
const maxCount = 1000

// publishLimit is less than the topic accepts in one request.
const publishLimit = 900 << 10

// publishing is how events are published.
type publishing struct {
	// Provider is acs or meta; empty means acs.
	Provider string          `json:"provider"`
	Schema   whatsapp.Schema `json:"schema"`
	// Count is the number of events; 0 means 1.
	Count int `json:"count"`
	// Age is in seconds.
	Age float64 `json:"age"`
}

// The providers of events.
const (
	providerACS  = "acs"
	providerMeta = "meta"
)

// maxAge keeps the time of an event in the range of [time.Time].
const maxAge = 10 * 365 * 24 * time.Hour

func (p *publishing) check() error {
	p.Schema, p.Count = cmp.Or(p.Schema, whatsapp.CloudEvents), cmp.Or(p.Count, 1)
	switch {
	case p.Provider != "" && p.Provider != providerACS && p.Provider != providerMeta:
		return bad(fmt.Errorf("the provider is %q: use %s or %s", p.Provider, providerACS, providerMeta))
	case !slices.Contains(whatsapp.Schemas, p.Schema):
		return bad(fmt.Errorf("the schema is %q: use eventgrid or cloudevents", p.Schema))
	case p.Count < 1 || p.Count > maxCount:
		return bad(fmt.Errorf("%d events at once: use 1 to %d", p.Count, maxCount))
	case !(p.Age >= 0 && p.Age <= maxAge.Seconds()):
		return bad(errors.New("the age must be from 0 to 10 years, in seconds"))
	}
	return nil
}

func (p *publishing) time() time.Time {
	return time.Now().Add(-time.Duration(p.Age * float64(time.Second)))
}

type messageRequest struct {
	publishing
	Message whatsapp.Message `json:"message"`
}

// sendMessages publishes a message, or several that differ only in their ids. If
// the media id is that of an uploaded file, the file supplies the MIME type and
// hash, and for a document the file name, unless the message has them.
func (s *Simulator) sendMessages(_ *http.Request, body messageRequest) (any, error) {
	if err := body.check(); err != nil {
		return nil, err
	}
	if body.Count > 1 && body.Message.ID != "" {
		return nil, bad(errors.New("several messages can't have the same id: leave it empty"))
	}
	s.describeMedia(&body.Message)
	if body.Provider == providerMeta {
		return s.publishWebhooks(body.Count, func() ([]byte, error) { return body.Message.Webhook(body.time()) })
	}
	var events []whatsapp.Event
	for range body.Count {
		event, err := body.Message.Event(body.time())
		if err != nil {
			return nil, bad(err)
		}
		events = append(events, event)
	}
	return s.publish(events, body.Schema)
}

type statusRequest struct {
	publishing
	Status whatsapp.Status `json:"status"`
}

// sendStatuses publishes a status. Several are the same event, published again.
func (s *Simulator) sendStatuses(_ *http.Request, body statusRequest) (any, error) {
	if err := body.check(); err != nil {
		return nil, err
	}
	if body.Provider == providerMeta {
		return s.publishWebhooks(body.Count, func() ([]byte, error) { return body.Status.Webhook(body.time()) })
	}
	event, err := body.Status.Event(body.time())
	if err != nil {
		return nil, bad(err)
	}
	return s.publish(slices.Repeat([]whatsapp.Event{event}, body.Count), body.Schema)
}

// publishWebhooks lets Meta deliver so many webhooks.
func (s *Simulator) publishWebhooks(count int, webhook func() ([]byte, error)) (any, error) {
	for range count {
		body, err := webhook()
		if err == nil {
			err = s.Events.PublishWebhook(body)
		}
		if err != nil {
			return nil, bad(err)
		}
	}
	return map[string][]string{"events": {}}, nil
}

// publish publishes events in as few requests as possible, and returns their
// ids.
func (s *Simulator) publish(events []whatsapp.Event, schema whatsapp.Schema) (any, error) {
	var ids []string
	var batch [][]byte
	size := 0
	for i, event := range events {
		text := event.In(schema)
		ids, batch, size = append(ids, event.ID), append(batch, text), size+len(text)+1
		if i+1 < len(events) && size+len(text)+1 <= publishLimit {
			continue
		}
		if err := s.publishBody(slices.Concat([]byte{'['}, bytes.Join(batch, []byte{','}), []byte{']'})); err != nil {
			return nil, err
		}
		batch, size = nil, 0
	}
	return map[string][]string{"events": ids}, nil
}

func (s *Simulator) publishBody(body []byte) error {
	events, err := eventgrid.ParseEvents(body)
	if err != nil {
		return bad(fmt.Errorf("the topic refuses it: %w", err))
	}
	return s.Events.Publish(events)
}

type outgoingRequest struct {
	ID   string          `json:"id"`
	Text string          `json:"text"`
	To   whatsapp.Person `json:"to"`
}

// addOutgoing adds a message of the business to the conversation, for statuses
// to refer to. It publishes nothing.
func (s *Simulator) addOutgoing(_ *http.Request, body outgoingRequest) (any, error) {
	body.ID = cmp.Or(body.ID, uuid.NewString())
	err := s.History.Send(body.ID, body.Text, body.To)
	if errors.Is(err, history.ErrExists) {
		err = conflict(err)
	}
	return map[string]string{"id": body.ID}, err
}
