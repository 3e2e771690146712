package simulator

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// requestLimit is how large a request of the page may be.
const requestLimit = 1 << 20

// problem is an error with the status to answer it with.
type problem struct {
	status int
	err    error
}

func (p problem) Error() string { return p.err.Error() }

func (p problem) Unwrap() error { return p.err }

func bad(err error) error { return problem{http.StatusBadRequest, err} }

func missing(format string, args ...any) error {
	return problem{http.StatusNotFound, fmt.Errorf(format, args...)}
}

func refused(err error) error { return problem{http.StatusConflict, err} }

// loose takes what Azure may send.
var loose = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// answering answers in JSON with what a function returns, or with its error.
func answering(handle func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, requestLimit)
		status := http.StatusOK
		value, err := handle(r)
		if err != nil {
			status = http.StatusInternalServerError
			if p, ok := errors.AsType[problem](err); ok {
				status = p.status
			}
			value = map[string]string{"error": err.Error()}
		}
		if value == nil {
			value = struct{}{}
		}
		text, err := json.Marshal(value, loose, json.Deterministic(true))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		protect(w)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(text)
	})
}

// decode reads a request's body, which must be JSON and nothing else: a form
// of another site can't send that.
func decode(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem{http.StatusUnsupportedMediaType, errors.New("the body must be application/json")}
	}
	text, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(text, into, json.RejectUnknownMembers(true))
	}
	if unknown, ok := errors.AsType[*json.SemanticError](err); ok && errors.Is(err, json.ErrUnknownName) {
		return bad(fmt.Errorf("the request can't be read: unknown member %q", unknown.JSONPointer.LastToken()))
	}
	if err != nil {
		return bad(fmt.Errorf("the request can't be read: %w", err))
	}
	return nil
}
