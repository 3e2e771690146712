package eventgrid

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Path is the topic's path.
const Path = "/events"

// publishLimit is how large a request may be, and so each of its events.
const publishLimit = 1 << 20

// refusal is why the topic takes nothing of a request.
type refusal struct {
	status  int
	code    string
	message string
}

func (r refusal) Error() string { return r.message }

// ServeHTTP is the topic: it takes an array of events in Event Grid's schema,
// one CloudEvent or an array of them, and answers 200 once all of them are on
// disk. Nothing of a request is taken if one of its events is no event.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "publish by POST", http.StatusMethodNotAllowed)
		return
	}
	events, err := readEvents(w, r)
	if err == nil {
		err = s.Publish(events)
	}
	if refused, ok := errors.AsType[refusal](err); ok {
		answerRefusal(w, refused)
		return
	}
	if err != nil {
		answerRefusal(w, refusal{http.StatusServiceUnavailable, "ServiceUnavailable", err.Error()})
		return
	}
	w.WriteHeader(http.StatusOK)
}

func readEvents(w http.ResponseWriter, r *http.Request) ([]Event, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, publishLimit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "a request may have 1 MiB at most"}
	}
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "BadRequest", "the body could not be read"}
	}
	events, err := ParseEvents(body)
	if err != nil {
		return nil, refusal{http.StatusBadRequest, "BadRequest", err.Error()}
	}
	return events, nil
}

// ParseEvents reads what a publisher sends. The error says what the service
// would not take.
func ParseEvents(body []byte) ([]Event, error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	values, single, err := split(body)
	if err != nil {
		return nil, err
	}
	var events []Event
	for i, value := range values {
		event, err := parseEvent(value)
		if err == nil {
			err = event.check()
		}
		if err == nil && single && !event.isCloudEvent() {
			err = errors.New("events in Event Grid's schema come in an array")
		}
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		events = append(events, event)
	}
	return events, nil
}

// split takes an array apart; one object is taken for an array of it.
func split(body []byte) (values []jsontext.Value, single bool, err error) {
	value := jsontext.Value(body)
	if !value.IsValid() {
		return nil, false, invalid(value)
	}
	switch value.Kind() {
	case jsontext.KindBeginObject:
		return []jsontext.Value{value}, true, nil
	case jsontext.KindBeginArray:
		return values, false, json.Unmarshal(body, &values)
	default:
		return nil, false, errors.New("the body must be an array of events, or one CloudEvent")
	}
}

// invalid says what is wrong with a body. The topic is stricter than JSON is.
func invalid(body jsontext.Value) error {
	switch {
	case body.IsValid(jsontext.AllowDuplicateNames(true)):
		return errors.New("the body has an object with the same member twice")
	case body.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)):
		return errors.New(`the body has a text that is not Unicode: invalid UTF-8, or half of a surrogate pair such as \ud83d`)
	default:
		return errors.New("the body is not JSON")
	}
}

// refusalBody is how a refusal is answered.
type refusalBody struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func answerRefusal(w http.ResponseWriter, r refusal) {
	var body refusalBody
	body.Error.Code, body.Error.Message = r.code, r.message
	text, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(text)
}
