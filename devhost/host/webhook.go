package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/dotnet"
)

// WebhookPath is the endpoint's path; its last part is taken in any case. The function
// is named by the query's functionName, to the letter.
const WebhookPath = "/runtime/webhooks/EventGrid"

// methods are those that the host routes. Except for OPTIONS all do the same.
var methods = []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions}

// bodyLimit is the host's own limit.
const bodyLimit = 100 << 20

// The headers of Event Grid.
const (
	headerEventType     = "aeg-event-type"
	headerRequestOrigin = "WebHook-Request-Origin"
	headerAllowedOrigin = "Webhook-Allowed-Origin"
	headerKey           = "x-functions-key"
)

// Functions are the functions that can be delivered to.
type Functions interface {
	// Has reports whether there is a function of this name, to the letter,
	// with an Event Grid trigger.
	Has(function string) bool
	// Deliver calls the function with the events of one delivery, and
	// returns when their outputs are written. The error is the first
	// failure, in words that Event Grid may read, or [ErrUnavailable].
	Deliver(ctx context.Context, function string, events []dotnet.Value) error
}

// ErrUnavailable says that the host is not there; it may come.
var ErrUnavailable = errors.New("the host is not running")

// Webhook serves the endpoint.
type Webhook struct {
	Functions Functions
	// Key must come with every request, as the query's code or in a header.
	// Without a key nothing must: so it is on one's own machine.
	Key string
	// Log takes why a request was refused.
	Log zerolog.Logger
}

// ServeHTTP answers the two handshakes, deliveries and cancellations.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.URL.Path, WebhookPath) || !slices.Contains(methods, r.Method) {
		http.NotFound(w, r)
		return
	}
	if h.Key != "" && r.URL.Query().Get("code") != h.Key && r.Header.Get(headerKey) != h.Key {
		h.Log.Error().Msg("the system key eventgrid_extension is missing or wrong")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	function := r.URL.Query().Get("functionName")
	if !h.Functions.Has(function) {
		h.Log.Error().Msgf("no function %q: the name in functionName is compared to the letter", function)
		plain(w, http.StatusNotFound, fmt.Sprintf("cannot find function: '%s'", function))
		return
	}
	if r.Method == http.MethodOptions {
		w.Header().Set(headerAllowedOrigin, allowedOrigin(r.Header.Get(headerRequestOrigin)))
		return
	}
	switch strings.ToLower(r.Header.Get(headerEventType)) {
	case "subscriptionvalidation":
		h.validate(w, r)
	case "notification":
		h.deliver(w, r, function)
	case "unsubscribe":
		w.WriteHeader(http.StatusAccepted)
	default:
		h.Log.Error().Msgf("the header %s is %q: Notification for events", headerEventType, r.Header.Get(headerEventType))
		w.WriteHeader(http.StatusBadRequest)
	}
}

// allowedOrigin is the origin itself if it is one of Event Grid's clouds.
func allowedOrigin(origin string) string {
	clouds := []string{
		"eventgrid.azure.net", "eventgrid.azure.us", "eventgrid.azure.cn",
		"eventgrid.azure.eaglex.ic.gov", "eventgrid.azure.microsoft.scloud",
	}
	if slices.Contains(clouds, origin) {
		return origin
	}
	return clouds[0]
}

// validate answers the handshake of the Event Grid schema. The function is not
// called.
func (h *Webhook) validate(w http.ResponseWriter, r *http.Request) {
	events, err := read(w, r)
	if err != nil || len(events) == 0 {
		h.fail(w, "the handshake's body is no event", err)
		return
	}
	data, _ := events[0].Get("data")
	if data.Kind == dotnet.KindString {
		if data, err = dotnet.Read([]byte(data.Text), dotnet.Options{}); err != nil {
			h.fail(w, "the handshake's data is not JSON", err)
			return
		}
	}
	code, _ := data.Fold("validationCode")
	answer := dotnet.NewObject(dotnet.Field{Name: "validationResponse", Value: code})
	plain(w, http.StatusOK, answer.Compact())
}

// deliver hands the events to the function. The answer waits until all of them
// are written; one failure fails them all, and Event Grid delivers again.
func (h *Webhook) deliver(w http.ResponseWriter, r *http.Request, function string) {
	events, err := read(w, r)
	if err != nil {
		h.fail(w, "the delivery can't be read", err)
		return
	}
	err = h.Functions.Deliver(r.Context(), function, events)
	switch {
	case err == nil:
		w.WriteHeader(http.StatusAccepted)
	case errors.Is(err, ErrUnavailable):
		plain(w, http.StatusServiceUnavailable, "Function host is not running.")
	default:
		plain(w, http.StatusInternalServerError, err.Error())
	}
}

// fail answers as the host's error page does: 500 and not a word.
func (h *Webhook) fail(w http.ResponseWriter, what string, err error) {
	text := what
	if err != nil {
		text = fmt.Sprintf("%s: %s", what, err)
	}
	h.Log.Error().Msg(text)
	w.WriteHeader(http.StatusInternalServerError)
}

// read reads the body's events: those of an array, or one.
func read(w http.ResponseWriter, r *http.Request) ([]dotnet.Value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return nil, err
	}
	value, err := dotnet.Read(body, dotnet.Options{})
	if err != nil {
		return nil, err
	}
	switch value.Kind {
	case dotnet.KindObject:
		return []dotnet.Value{value}, nil
	case dotnet.KindArray:
		for i, event := range value.Items {
			if event.Kind != dotnet.KindObject {
				return nil, fmt.Errorf("element %d of the array is no object", i)
			}
		}
		return value.Items, nil
	default:
		return nil, fmt.Errorf("it must be an object or an array of objects")
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
