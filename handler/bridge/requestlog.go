package bridge

import (
	"net/http"
	"strings"

	"github.com/rs/zerolog"
)

// requestLog says with every line which request it is about.
type requestLog struct {
	log      *zerolog.Logger
	function string
	id       string
	trace    string
}

func newRequestLog(log *zerolog.Logger, r *http.Request, function *bound) requestLog {
	l := requestLog{
		log:   log,
		id:    r.Header.Get(headerInvocationID),
		trace: traceID(r.Header.Get(headerTraceParent)),
	}
	if function != nil {
		l.function = function.Name()
	}
	return l
}

// at starts a line.
func (l requestLog) at(level zerolog.Level) *zerolog.Event {
	line := l.log.WithLevel(level)
	if l.function != "" {
		line.Str("function", l.function)
	}
	line.Str("invocation_id", l.id)
	if l.trace != "" {
		line.Str("trace_id", l.trace)
	}
	return line
}

// traceID is the trace's id in a traceparent of version 00,
// https://www.w3.org/TR/trace-context/#traceparent-header, or "".
func traceID(parent string) string {
	if parent == "" {
		return ""
	}
	parts := strings.Split(parent, "-")
	if len(parts) != 4 || len(parts[1]) != 32 || strings.Trim(parts[1], "0123456789abcdef") != "" {
		return ""
	}
	return parts[1]
}
