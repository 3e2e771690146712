package bridge

import (
	"errors"
	"net/http"
	"slices"

	"github.com/rs/zerolog"
)

// The errors of an invocation besides those of its body.
var (
	errNoFunction = errors.New("no such function")
	errMethod     = errors.New("functions are called with POST")
	errProcess    = errors.New("message was not processed")
	errBug        = errors.New("panic in handler")
)

// refusal is the answer to an error, and its line in the log.
type refusal struct {
	err    error
	status int
	level  zerolog.Level
	reason string
}

// refusals are the answers to errors. For each of them the host fails the
// invocation, and Event Grid or the queue delivers again. So only errors that a
// retry may fix are here; no other code decides on a status.
var refusals = []refusal{
	{errTooLarge, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "body-too-large"},
	{errTooManyEvents, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "too-many-events"},
	{errUnreadable, http.StatusBadRequest, zerolog.WarnLevel, "body-unreadable"},
	{errNotJSON, http.StatusBadRequest, zerolog.ErrorLevel, "body-not-json"},
	{errNoTrigger, http.StatusBadRequest, zerolog.ErrorLevel, "body-without-trigger"},
	{errNoFunction, http.StatusNotFound, zerolog.WarnLevel, "no-such-function"},
	{errMethod, http.StatusMethodNotAllowed, zerolog.WarnLevel, "wrong-method"},
	{errProcess, http.StatusInternalServerError, zerolog.ErrorLevel, "not-processed"},
	{errBug, http.StatusInternalServerError, zerolog.ErrorLevel, "bug"},
}

// refuse answers a request with the refusal for its error, and logs it. Neither
// quotes anything of the request, other than an error that Process returned.
func refuse(w http.ResponseWriter, log requestLog, err error) {
	i := slices.IndexFunc(refusals, func(r refusal) bool { return errors.Is(err, r.err) })
	r := refusals[i]
	message := "request refused"
	if r.status == http.StatusInternalServerError {
		message = "invocation failed"
	}
	log.at(r.level).Int("status", r.status).Str("reason", r.reason).AnErr("error", err).Msg(message)
	if r.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.Error(), r.status)
}
