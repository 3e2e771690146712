package bridge

import (
	"errors"
	"net/http"
	"slices"

	"github.com/rs/zerolog"
)

// What else can be wrong with a request, besides its body.
var (
	errNoFunction = errors.New("there is no function of this name")
	errMethod     = errors.New("functions are called by POST")
	errBug        = errors.New("a mistake in the handler")
)

// refusal is what an error becomes.
type refusal struct {
	err    error
	status int
	level  zerolog.Level
	reason string
}

// refusals is the one place that decides how a request that no function
// answers is answered. Whatever the status is, the host fails the invocation,
// and Event Grid delivers again: only what a retry may heal belongs here.
var refusals = []refusal{
	{errTooLarge, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "body-too-large"},
	{errUnreadable, http.StatusBadRequest, zerolog.WarnLevel, "body-unreadable"},
	{errNoJSON, http.StatusBadRequest, zerolog.ErrorLevel, "body-not-json"},
	{errNoTrigger, http.StatusBadRequest, zerolog.ErrorLevel, "body-without-trigger"},
	{errNoFunction, http.StatusNotFound, zerolog.WarnLevel, "no-such-function"},
	{errMethod, http.StatusMethodNotAllowed, zerolog.WarnLevel, "wrong-method"},
	{errBug, http.StatusInternalServerError, zerolog.ErrorLevel, "bug"},
}

// refuse answers a request with the status of its error, which is one of those
// above, and logs the reason once. They quote nothing of the request.
func refuse(w http.ResponseWriter, log requestLog, err error) {
	i := slices.IndexFunc(refusals, func(r refusal) bool { return errors.Is(err, r.err) })
	r := refusals[i]
	log.at(r.level).Int("status", r.status).Str("reason", r.reason).AnErr("error", err).Msg("request refused")
	if r.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.Error(), r.status)
}
