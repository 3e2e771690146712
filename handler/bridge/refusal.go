package bridge

import (
	"errors"
	"net/http"
	"slices"

	"github.com/rs/zerolog"
)

// The errors of a request besides those of its body.
var (
	errNoFunction = errors.New("no such function")
	errMethod     = errors.New("functions are called with POST")
	errBug        = errors.New("panic in handler")
)

// refusal is the answer to an error, and its line in the log.
type refusal struct {
	err    error
	status int
	level  zerolog.Level
	reason string
}

// refusals are the answers to requests that reach no function. For each of them
// the host fails the invocation, and Event Grid delivers again. So only errors
// that a retry may fix are here; no other code decides on a status.
var refusals = []refusal{
	{errTooLarge, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "body-too-large"},
	{errTooManyEvents, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "too-many-events"},
	{errUnreadable, http.StatusBadRequest, zerolog.WarnLevel, "body-unreadable"},
	{errNotJSON, http.StatusBadRequest, zerolog.ErrorLevel, "body-not-json"},
	{errNoTrigger, http.StatusBadRequest, zerolog.ErrorLevel, "body-without-trigger"},
	{errNoFunction, http.StatusNotFound, zerolog.WarnLevel, "no-such-function"},
	{errMethod, http.StatusMethodNotAllowed, zerolog.WarnLevel, "wrong-method"},
	{errBug, http.StatusInternalServerError, zerolog.ErrorLevel, "bug"},
}

// refuse answers a request with the refusal for its error, and logs it. Neither
// quotes anything of the request.
func refuse(w http.ResponseWriter, log requestLog, err error) {
	i := slices.IndexFunc(refusals, func(r refusal) bool { return errors.Is(err, r.err) })
	r := refusals[i]
	log.at(r.level).Int("status", r.status).Str("reason", r.reason).AnErr("error", err).Msg("request refused")
	if r.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.Error(), r.status)
}
