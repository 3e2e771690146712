package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/chat"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// maxCount is how many events the page publishes at once.
const maxCount = 1000

// publishLimit is below what a topic takes in one request.
const publishLimit = 900 << 10

// manner is how events are published.
type manner struct {
	Schema whatsapp.Schema `json:"schema"`
	// Count is how many; 1 if it is 0.
	Count int `json:"count"`
	// Age is how many seconds ago it happened.
	Age float64 `json:"age"`
}

// maxAge keeps the time of an event within what a time can be.
const maxAge = 10 * 365 * 24 * time.Hour

func (m *manner) fill() error {
	if m.Schema == "" {
		m.Schema = whatsapp.CloudEvents
	}
	if m.Count == 0 {
		m.Count = 1
	}
	switch {
	case !slices.Contains(whatsapp.Schemas, m.Schema):
		return bad(fmt.Errorf("the schema is %q: it is eventgrid or cloudevents", m.Schema))
	case m.Count < 1 || m.Count > maxCount:
		return bad(fmt.Errorf("%d events at once: from 1 to %d", m.Count, maxCount))
	case !(m.Age >= 0 && m.Age <= maxAge.Seconds()):
		return bad(errors.New("the age must be from 0 to 10 years, in seconds"))
	}
	return nil
}

func (m *manner) happened() time.Time {
	return time.Now().Add(-time.Duration(m.Age * float64(time.Second)))
}

// sendMessages publishes a message, or several that differ in their ids only.
func (s *Simulator) sendMessages(r *http.Request) (any, error) {
	var request struct {
		manner
		Message whatsapp.Message `json:"message"`
	}
	err := decode(r, &request)
	if err == nil {
		err = request.fill()
	}
	if err != nil {
		return nil, err
	}
	if request.Count > 1 && request.Message.ID != "" {
		return nil, bad(errors.New("several messages can't have one id: leave it empty"))
	}
	var events []whatsapp.Event
	for range request.Count {
		event, err := request.Message.Event(request.happened())
		if err != nil {
			return nil, bad(err)
		}
		events = append(events, event)
	}
	return s.publish(events, request.Schema)
}

// sendStatuses publishes a status; several are the same event again and again.
func (s *Simulator) sendStatuses(r *http.Request) (any, error) {
	var request struct {
		manner
		Status whatsapp.Status `json:"status"`
	}
	err := decode(r, &request)
	if err == nil {
		err = request.fill()
	}
	if err != nil {
		return nil, err
	}
	event, err := request.Status.Event(request.happened())
	if err != nil {
		return nil, bad(err)
	}
	return s.publish(slices.Repeat([]whatsapp.Event{event}, request.Count), request.Schema)
}

// published tells the ids of what was published.
type published struct {
	Events []string `json:"events"`
}

// publish publishes events as a publisher does, in as few requests as may be.
func (s *Simulator) publish(events []whatsapp.Event, schema whatsapp.Schema) (any, error) {
	var p published
	var batch [][]byte
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		body := slices.Concat([]byte{'['}, bytes.Join(batch, []byte{','}), []byte{']'})
		batch, size = nil, 0
		return s.publishBody(body)
	}
	for _, event := range events {
		text := event.In(schema)
		if size += len(text) + 1; size > publishLimit {
			if err := flush(); err != nil {
				return nil, err
			}
			size = len(text) + 1
		}
		batch = append(batch, text)
		p.Events = append(p.Events, event.ID)
	}
	return p, flush()
}

func (s *Simulator) publishBody(body []byte) error {
	parsed, err := eventgrid.ParseEvents(body)
	if err != nil {
		return bad(fmt.Errorf("the topic does not take it: %w", err))
	}
	return s.options.Events.Publish(parsed)
}

// sendOutgoing puts a message of the business into the conversation: what
// statuses are about. Nothing is published of it.
func (s *Simulator) sendOutgoing(r *http.Request) (any, error) {
	var request struct {
		ID   string          `json:"id"`
		Text string          `json:"text"`
		To   whatsapp.Person `json:"to"`
	}
	if err := decode(r, &request); err != nil {
		return nil, err
	}
	if request.ID == "" {
		request.ID = uuid.NewString()
	}
	err := s.options.Chat.Send(request.ID, request.Text, request.To)
	if errors.Is(err, chat.ErrThere) {
		err = refused(err)
	}
	return map[string]string{"id": request.ID}, err
}
