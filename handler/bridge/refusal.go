package bridge

import (
	"errors"
	"net/http"

	"github.com/rs/zerolog"
)

// What else can be wrong with a request, besides its body.
var (
	errNoFunction = errors.New("there is no function of this name")
	errMethod     = errors.New("functions are called by POST")
	errBug        = errors.New("a mistake in the handler")
)

// refusals is the one place that decides how a request that no function
// answers is answered. Whatever the status is, the host fails the invocation,
// and Event Grid delivers again: only what a retry may heal belongs here.
var refusals = []struct {
	err    error
	status int
	level  zerolog.Level
	reason string
}{
	{errTooLarge, http.StatusRequestEntityTooLarge, zerolog.ErrorLevel, "body-too-large"},
	{errUnreadable, http.StatusBadRequest, zerolog.WarnLevel, "body-unreadable"},
	{errNoJSON, http.StatusBadRequest, zerolog.ErrorLevel, "body-not-json"},
	{errNoTrigger, http.StatusBadRequest, zerolog.ErrorLevel, "body-without-trigger"},
	{errNoFunction, http.StatusNotFound, zerolog.WarnLevel, "no-such-function"},
	{errMethod, http.StatusMethodNotAllowed, zerolog.WarnLevel, "wrong-method"},
}

// refuse answers a request with the status of its error, and logs the reason
// once. The errors above quote nothing of the request.
func refuse(w http.ResponseWriter, log zerolog.Logger, err error) {
	status, level, reason := http.StatusInternalServerError, zerolog.ErrorLevel, "bug"
	for _, known := range refusals {
		if errors.Is(err, known.err) {
			status, level, reason = known.status, known.level, known.reason
			break
		}
	}
	log.WithLevel(level).Int("status", status).Str("reason", reason).AnErr("error", err).Msg("request refused")
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.Error(), status)
}
