package bridge

import (
	"context"
	"encoding/json/jsontext"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Server answers the host's requests. It is an [http.Handler].
type Server struct {
	App *App
	// MaxBody is the maximum size of a request's body in bytes.
	MaxBody int64
	Log     zerolog.Logger

	scratch scratchPool
}

// ServeHTTP answers GET /, with which the host checks that the handler runs, and
// POST /<function> with what the function writes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.WriteHeader(http.StatusOK)
		return
	}
	function := s.App.functions[strings.TrimPrefix(r.URL.Path, "/")]
	log := newRequestLog(&s.Log, r, function)
	scratch := s.scratch.get()
	defer s.scratch.put(scratch)
	if err := s.invoke(w, r, function, log, scratch); err != nil {
		refuse(w, log, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(scratch.answer)))
	// An error means that the host is gone: Event Grid will deliver again.
	_, _ = w.Write(scratch.answer)
}

// invoke runs one invocation from its request to its answer, which it leaves in
// scratch.
func (s *Server) invoke(w http.ResponseWriter, r *http.Request, function *boundFunction, log requestLog, scratch *scratch) (err error) {
	start := time.Now()
	defer func() {
		if value := recover(); value != nil {
			log.panicked(value)
			err = errBug
		}
	}()
	if function == nil {
		return errNoFunction
	}
	if r.Method != http.MethodPost {
		return errMethod
	}
	body, err := readBody(w, r, s.MaxBody, scratch)
	if err != nil {
		return err
	}
	value, err := triggerValue(body, function.trigger, scratch)
	if err != nil {
		return err
	}
	results := &scratch.results
	results.reset(function.outputs)
	if err := function.run(r.Context(), value, scratch, log); err != nil {
		return err
	}
	scratch.answer = results.appendAnswer(scratch.answer[:0], function, log.id)
	log.completed(results, time.Since(start))
	return nil
}

// run calls the function with the value of its trigger.
func (f *boundFunction) run(ctx context.Context, value jsontext.Value, scratch *scratch, log requestLog) error {
	if f.Trigger == QueueTrigger {
		return scratch.results.process(log.context(ctx), f, readMessage(value, scratch))
	}
	entries, err := f.readEntries(value, &scratch.results, scratch)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		scratch.results.handle(f, entry, log)
	}
	return nil
}
