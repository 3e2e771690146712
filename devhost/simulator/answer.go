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

// requestLimit is the maximum size of a request of the page.
const requestLimit = 1 << 20

// problem is an error with the status of its answer.
type problem struct {
	error
	status int
}

func (p problem) Unwrap() error { return p.error }

func bad(err error) error { return problem{err, http.StatusBadRequest} }

func conflict(err error) error { return problem{err, http.StatusConflict} }

func notFound(format string, args ...any) error {
	return problem{fmt.Errorf(format, args...), http.StatusNotFound}
}

// tolerant writes the JSON that Azure may send.
var tolerant = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// query answers with the result of handle as JSON, or with its error.
func query(handle func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		text, err := json.Marshal(value, tolerant, json.Deterministic(true))
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

// command is query for a request with a body, which must be JSON: a form of
// another site can't send that.
func command[T any](handle func(*http.Request, T) (any, error)) http.Handler {
	return query(func(r *http.Request) (any, error) {
		var body T
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return nil, problem{errors.New("the body must be application/json"), http.StatusUnsupportedMediaType}
		}
		text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, requestLimit))
		if err == nil {
			err = json.Unmarshal(text, &body, json.RejectUnknownMembers(true))
		}
		if unknown, ok := errors.AsType[*json.SemanticError](err); ok && errors.Is(err, json.ErrUnknownName) {
			err = fmt.Errorf("unknown field %q", unknown.JSONPointer.LastToken())
		}
		if err != nil {
			return nil, bad(fmt.Errorf("the request can't be read: %w", err))
		}
		return handle(r, body)
	})
}

// empty is the body {}.
type empty struct{}
