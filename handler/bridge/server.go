package bridge

import (
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Server answers the host's requests. It is an [http.Handler].
type Server struct {
	App *App
	// MaxBody is the most bytes that an invocation's body may have.
	MaxBody int64
	Log     zerolog.Logger
}

// ServeHTTP answers GET / at once, which is how the host learns that the
// handler is there, and POST /<function> with what the function writes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.WriteHeader(http.StatusOK)
		return
	}
	function := s.App.functions[strings.TrimPrefix(r.URL.Path, "/")]
	log := s.logger(r, function)
	answer, err := s.call(w, r, function, log)
	if err != nil {
		refuse(w, log, err)
		return
	}
	w.Header().Set("Content-Type", contentType)
	// Where the host is gone nobody is left to tell: Event Grid delivers again.
	_, _ = w.Write(answer)
}

// call takes one invocation from its request to its answer.
func (s *Server) call(w http.ResponseWriter, r *http.Request, function *bound, log zerolog.Logger) (answer []byte, err error) {
	start := time.Now()
	defer func() {
		if value := recover(); value != nil {
			logPanic(log, value)
			err = errBug
		}
	}()
	if function == nil {
		return nil, errNoFunction
	}
	if r.Method != http.MethodPost {
		return nil, errMethod
	}
	body, err := readBody(w, r, s.MaxBody)
	if err != nil {
		return nil, err
	}
	value, err := triggerValue(body, function.trigger)
	if err != nil {
		return nil, err
	}
	call := invoke(function, r.Header.Get(headerInvocationID), entries(value), log)
	answer = call.answer()
	call.logCompletion(log, time.Since(start))
	return answer, nil
}

// logger says with every line which invocation it is about.
func (s *Server) logger(r *http.Request, function *bound) zerolog.Logger {
	log := s.Log.With()
	if function != nil {
		log = log.Str("function", function.Name())
	}
	log = log.Str("invocation_id", r.Header.Get(headerInvocationID))
	if trace := traceID(r.Header.Get(headerTraceParent)); trace != "" {
		log = log.Str("trace_id", trace)
	}
	return log.Logger()
}

// traceID is the trace's id in a traceparent of version 00,
// https://www.w3.org/TR/trace-context/#traceparent-header, or "".
func traceID(parent string) string {
	parts := strings.Split(parent, "-")
	if len(parts) != 4 || len(parts[1]) != 32 || strings.Trim(parts[1], "0123456789abcdef") != "" {
		return ""
	}
	return parts[1]
}
