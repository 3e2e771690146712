package host

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
)

// Requests are the functions that HTTP requests invoke.
type Requests interface {
	App() *app.App
	// Request calls the function with a request and returns its answer when its
	// outputs are written. The key is the access key in the request.
	Request(ctx context.Context, function, key string, request *bridge.HTTPRequest) (*bridge.HTTPResponse, error)
}

// HTTP serves the functions with an HTTP trigger.
type HTTP struct {
	Requests Requests
	// Keys are the keys to ask for; nil asks for none, as func start.
	Keys *Keys
	// Log takes the reason why a request was refused. It never gets an address,
	// which may contain a key.
	Log zerolog.Logger
}

// ServeHTTP answers a request: 404 without a function of its method and path,
// 401 or 403 without a key for the function's authLevel, otherwise the answer of
// the function, or 500 if it fails.
func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	function, parameters, ok := h.Requests.App().FindRoute(r.Method, r.URL.Path)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if status := h.Keys.checkFunction(r, function.Route.AuthLevel); status != http.StatusOK {
		h.Log.Error().Str("function", function.Name).Msgf("the request has no key for authLevel %s, or a wrong one: pass it as code or x-functions-key", function.Route.AuthLevel)
		w.WriteHeader(status)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, BodyLimit(h.Requests.App())))
	if err != nil {
		h.refuse(w, function.Name, err)
		return
	}
	if r.ContentLength < 0 && len(body) > 0 {
		h.Log.Warn().Str("function", function.Name).Msg("the request has no Content-Length: the host does not pass its body on")
	}
	response, err := h.Requests.Request(r.Context(), function.Name, requestKey(r), bridge.NewHTTPRequest(r, body, parameters, h.Keys.identity(r)))
	switch {
	case errors.Is(err, ErrUnavailable):
		plain(w, http.StatusServiceUnavailable, "Function host is not running.")
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		response.Write(w)
	}
}

// refuse answers a request whose body can't be read.
func (h *HTTP) refuse(w http.ResponseWriter, function string, err error) {
	h.Log.Error().Str("function", function).Err(err).Msg("request refused: the body can't be read")
	status := http.StatusBadRequest
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	w.WriteHeader(status)
}

// settingBodyLimit limits the size of request bodies.
const settingBodyLimit = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"

// BodyLimit returns the largest size of a request's body.
func BodyLimit(a *app.App) int64 {
	text, _ := a.Setting(settingBodyLimit)
	if limit, err := strconv.ParseInt(text, 10, 64); err == nil && limit > 0 {
		return limit
	}
	return bodyLimit
}

// App implements [Requests].
func (h *Host) App() *app.App { return h.options.App }

// Request implements [Requests].
func (h *Host) Request(ctx context.Context, name, key string, request *bridge.HTTPRequest) (*bridge.HTTPResponse, error) {
	function, err := h.function(name)
	if err != nil {
		return nil, err
	}
	call := bridge.Call{Function: name, Trigger: function.Trigger.Name, Request: request, Key: key}
	call.Events = append(call.Events, request.Value)
	outcome, err := h.invoke(ctx, function, call)
	return outcome.Response, err
}
