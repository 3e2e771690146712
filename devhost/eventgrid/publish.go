package eventgrid

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Path is the topic's path.
const Path = "/events"

// publishLimit is the largest request, in bytes.
const publishLimit = 1 << 20

// ServeHTTP is the topic. It takes one event or an array of events, in Event
// Grid's schema or as CloudEvents, and answers 200 once all of them are on
// disk. It takes nothing of a request with an invalid event.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "publish by POST", http.StatusMethodNotAllowed)
		return
	}
	status := http.StatusBadRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, publishLimit))
	var events []Event
	if err == nil {
		events, err = ParseEvents(body)
	} else if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status, err = http.StatusRequestEntityTooLarge, errors.New("a request may have 1 MiB at most")
	} else {
		err = errors.New("the body could not be read")
	}
	if err == nil {
		if err = s.Publish(events); err == nil {
			return
		}
		status = http.StatusServiceUnavailable
	}
	refuse(w, status, err)
}

// refuse answers with the reason why a request is refused.
func refuse(w http.ResponseWriter, status int, err error) {
	var refused refusal
	refused.Error.Code, refused.Error.Message = outcome(status, false), err.Error()
	if status == http.StatusServiceUnavailable {
		refused.Error.Code = "ServiceUnavailable"
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, refused)
}

// refusal is the body of an answer that refuses a request.
type refusal struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// ParseEvents parses and checks the body of a request. The error names what
// the service would refuse.
func ParseEvents(body []byte) ([]Event, error) {
	value := jsontext.Value(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if err := checkJSON(value); err != nil {
		return nil, err
	}
	values := []jsontext.Value{value}
	switch value.Kind() {
	case jsontext.KindBeginArray:
		if err := json.Unmarshal(value, &values); err != nil {
			return nil, err
		}
	case jsontext.KindBeginObject:
	default:
		return nil, errors.New("the body must be an event or an array of events")
	}
	var events []Event
	for i, value := range values {
		event, err := parseEvent(value)
		if err == nil {
			err = event.check()
		}
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		events = append(events, event)
	}
	return events, nil
}

// checkJSON is stricter than JSON: field names must differ, and strings must be
// Unicode.
func checkJSON(body jsontext.Value) error {
	var ignored jsontext.Value
	err := json.Unmarshal(body, &ignored, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch {
	case err != nil:
		return fmt.Errorf("the body is not JSON: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	case body.IsValid():
		return nil
	case body.IsValid(jsontext.AllowDuplicateNames(true)):
		return errors.New("the body has an object with the same field twice")
	default:
		return errors.New(`the body has a string that is not Unicode: invalid UTF-8, or half of a surrogate pair such as \ud83d`)
	}
}

// LocalTopic is the topic of events that name none.
const LocalTopic = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/devhost/providers/microsoft.communication/communicationservices/devhost"

// check checks what the service checks, and completes the event as the service
// does. In Event Grid's schema numbers become strings, and a topic and a
// dataVersion are added.
func (e *Event) check() error {
	switch {
	case e.isCloudEvent():
		if err := e.require("id", "source", "specversion", "type"); err != nil {
			return err
		}
		if version := e.text("specversion"); version != "1.0" {
			return fmt.Errorf("specversion is %q: it must be 1.0", version)
		}
		return e.checkTime("time", time.RFC3339)
	case e.get("eventType") == nil && e.get("type") != nil:
		return errors.New("specversion is missing: a CloudEvent needs it")
	case e.get("eventType") == nil:
		return errors.New("it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)" + e.misspelt())
	}
	for _, name := range []string{"id", "subject", "eventType", "dataVersion"} {
		if value := e.get(name); value.Kind() == jsontext.KindNumber {
			e.set(name, value.String(), 0)
		}
	}
	if err := e.require("id", "subject", "eventType", "eventTime"); err != nil {
		return err
	}
	for _, optional := range []string{"topic", "dataVersion", "metadataVersion"} {
		if kind := e.get(optional).Kind(); kind != jsontext.KindString && kind != jsontext.KindNull && e.get(optional) != nil {
			return fmt.Errorf("%s must be a string", optional)
		}
	}
	if e.text("topic") == "" {
		e.set("topic", LocalTopic, 1)
	}
	if e.text("dataVersion") == "" {
		e.set("dataVersion", "", len(e.fields))
	}
	return e.checkTime("eventTime", times...)
}

// times are the forms of eventTime that the service reads, as .NET does. A
// fraction may follow the seconds.
var times = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02", time.RFC1123, "01/02/2006 15:04:05",
}

func (e *Event) checkTime(name string, forms ...string) error {
	value := e.get(name)
	if value == nil {
		return nil
	}
	if value.Kind() != jsontext.KindString {
		return fmt.Errorf("%s must be a string", name)
	}
	for _, form := range forms {
		if _, err := time.Parse(form, e.text(name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s is %q: it must be a time such as 2026-11-20T09:15:03Z", name, e.text(name))
}

// require checks fields that must be strings and not blank.
func (e *Event) require(names ...string) error {
	for _, name := range names {
		switch kind := e.get(name).Kind(); {
		case e.get(name) == nil, kind == jsontext.KindNull:
			return fmt.Errorf("%s is missing%s", name, e.misspelt())
		case kind != jsontext.KindString:
			return fmt.Errorf("%s must be a string", name)
		case strings.TrimSpace(e.text(name)) == "":
			return fmt.Errorf("%s is empty", name)
		}
	}
	return nil
}

// misspelt names fields whose case is wrong.
func (e *Event) misspelt() string {
	for _, f := range e.fields {
		for _, names := range schemaFields {
			for _, name := range names {
				if f.name != name && strings.EqualFold(f.name, name) {
					return fmt.Sprintf(": write %s, not %s", name, f.name)
				}
			}
		}
	}
	return ""
}

// PublishTo posts events to a topic, or a webhook of Meta to [MetaPath]. The error
// is the reason of the service.
func PublishTo(ctx context.Context, topic string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, topic, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("nothing listens at %s: start devhost run, or pass its address with --topic", topic)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	var refused refusal
	if err := json.UnmarshalRead(io.LimitReader(response.Body, publishLimit), &refused); err != nil || refused.Error.Message == "" {
		return fmt.Errorf("%s answered %s", topic, response.Status)
	}
	return fmt.Errorf("%s answered %s: %s", topic, response.Status, refused.Error.Message)
}
