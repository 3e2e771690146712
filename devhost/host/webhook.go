package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/dotnet"
)

// WebhookPath is the path of the endpoint, which matches in any case and with a
// trailing slash. The query's functionName is case-sensitive.
const WebhookPath = "/runtime/webhooks/EventGrid"

// bodyLimit is the host's own limit.
const bodyLimit = 100 << 20

// The headers of Event Grid.
const (
	headerEventType     = "aeg-event-type"
	headerRequestOrigin = "WebHook-Request-Origin"
	headerAllowedOrigin = "Webhook-Allowed-Origin"
)

// Functions are the functions that events can be delivered to.
type Functions interface {
	// Has reports whether there is a function of exactly this name with an
	// Event Grid trigger.
	Has(function string) bool
	// Deliver calls the function with one delivery and returns when its
	// outputs are written. The error is [ErrUnavailable], [ErrNoEvent], or the
	// message of the first failed invocation, which Event Grid may read.
	Deliver(ctx context.Context, function string, events []dotnet.Value) error
}

var (
	// ErrUnavailable reports that no host is running at the moment.
	ErrUnavailable = errors.New("the host is not running")
	// ErrNoEvent reports an element of a delivery that is not an object.
	ErrNoEvent = errors.New("an element of the array is not an object")
)

// Webhook serves the endpoint at which the host takes Event Grid's deliveries
// (HttpRequestProcessor.cs of the Event Grid extension).
type Webhook struct {
	Functions Functions
	// Keys are the keys to ask for; nil asks for none, as func start.
	Keys *Keys
	// Log takes the reason why a request was refused.
	Log zerolog.Logger
}

// ServeHTTP answers the two handshakes, deliveries and cancellations.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isEventGrid := strings.EqualFold(strings.TrimSuffix(r.URL.Path, "/"), WebhookPath)
	key := ""
	if isEventGrid {
		key = h.Keys.eventGrid()
	}
	if status := h.Keys.check(r, key); status != http.StatusOK {
		h.Log.Error().Msg("the request has no key, or a wrong one: pass the system key eventgrid_extension or the master key as code or x-functions-key")
		w.WriteHeader(status)
		return
	}
	function := parameter(r.URL, "functionName")
	switch {
	case !isEventGrid || !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "OPTIONS"}, r.Method):
		http.NotFound(w, r)
	case r.Method == http.MethodPut:
		h.fail(w, errors.New("the host answers PUT with an error: use POST"))
	case !h.Functions.Has(function):
		h.Log.Error().Msgf("there is no function %q: the name in functionName is case-sensitive", function)
		plain(w, http.StatusNotFound, fmt.Sprintf("cannot find function: '%s'", function))
	case r.Method == http.MethodOptions:
		w.Header().Set(headerAllowedOrigin, allowedOrigin(r.Header.Get(headerRequestOrigin)))
	default:
		h.event(w, r, function)
	}
}

func (h *Webhook) event(w http.ResponseWriter, r *http.Request, function string) {
	switch eventType := strings.ToLower(r.Header.Get(headerEventType)); eventType {
	case "subscriptionvalidation":
		h.validate(w, r)
	case "notification":
		h.deliver(w, r, function)
	case "unsubscribe":
		w.WriteHeader(http.StatusAccepted)
	default:
		h.Log.Error().Msgf("the header %s is %q: send Notification with events", headerEventType, eventType)
		w.WriteHeader(http.StatusBadRequest)
	}
}

// deliver calls the function with the events of one delivery. It answers after
// all outputs are written. One failure fails the delivery, and Event Grid sends
// it again.
func (h *Webhook) deliver(w http.ResponseWriter, r *http.Request, function string) {
	events, err := readEvents(w, r)
	if err != nil {
		h.fail(w, fmt.Errorf("the delivery can't be read: %w", err))
		return
	}
	switch err := h.Functions.Deliver(r.Context(), function, events); {
	case err == nil:
		w.WriteHeader(http.StatusAccepted)
	case errors.Is(err, ErrUnavailable):
		plain(w, http.StatusServiceUnavailable, "Function host is not running.")
	case errors.Is(err, ErrNoEvent):
		h.fail(w, err)
	default:
		plain(w, http.StatusInternalServerError, err.Error())
	}
}

// validate answers the handshake of the Event Grid schema. The function is not
// called.
func (h *Webhook) validate(w http.ResponseWriter, r *http.Request) {
	events, err := readEvents(w, r)
	if err == nil && len(events) == 0 {
		err = errors.New("the array is empty")
	}
	if err != nil {
		h.fail(w, fmt.Errorf("the handshake can't be read: %w", err))
		return
	}
	data, _ := events[0].Get("data")
	if data.Kind == dotnet.KindString {
		data, _ = dotnet.Read([]byte(data.Text), dotnet.Options{})
	}
	code, ok := data.Fold("validationCode")
	if !ok {
		h.fail(w, errors.New("the handshake has no data.validationCode"))
		return
	}
	plain(w, http.StatusOK, dotnet.NewObject(dotnet.Field{Name: "validationResponse", Value: dotnet.NewString(code.String())}).Compact())
}

// allowedOrigin returns the origin if it is one of Event Grid's clouds.
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

// readEvents reads the elements of an array, or one object. Text after the JSON
// value is ignored.
func readEvents(w http.ResponseWriter, r *http.Request) ([]dotnet.Value, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return nil, err
	}
	value, err := dotnet.Read(body, dotnet.Options{Rest: true})
	switch {
	case err != nil:
		return nil, err
	case value.Kind == dotnet.KindObject:
		return []dotnet.Value{value}, nil
	case value.Kind == dotnet.KindArray:
		return value.Items, nil
	default:
		return nil, errors.New("it must be an object or an array of objects")
	}
}

// parameter returns a query parameter by its name in any case. Repeated ones are
// joined by a comma, as ASP.NET does.
func parameter(u *url.URL, name string) string {
	var values []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		query, _ := url.ParseQuery(pair)
		for key, value := range query {
			if strings.EqualFold(key, name) {
				values = append(values, value...)
			}
		}
	}
	return strings.Join(values, ",")
}

// fail answers as the host's error page does, with status 500 and no body.
func (h *Webhook) fail(w http.ResponseWriter, err error) {
	h.Log.Error().Msg(err.Error())
	w.WriteHeader(http.StatusInternalServerError)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
