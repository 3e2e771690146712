package bridge

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// requestLog logs lines about one request.
type requestLog struct {
	log      *zerolog.Logger
	function string
	id       string
	trace    string
}

func newRequestLog(log *zerolog.Logger, r *http.Request, function *boundFunction) requestLog {
	l := requestLog{
		log:   log,
		id:    r.Header.Get(headerInvocationID),
		trace: traceID(r.Header.Get(headerTraceParent)),
	}
	if function != nil {
		l.function = function.Name
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

// context returns a context with a logger for what a function logs itself.
func (l requestLog) context(ctx context.Context) context.Context {
	log := l.log.With().Str("function", l.function).Str("invocation_id", l.id)
	if l.trace != "" {
		log = log.Str("trace_id", l.trace)
	}
	return log.Logger().WithContext(ctx)
}

// panicked logs the type and stack of a panic, and not its value, which may quote
// personal data.
func (l requestLog) panicked(value any) {
	l.at(zerolog.ErrorLevel).Str("panic", fmt.Sprintf("%T", value)).Bytes("stack", debug.Stack()).Msg("panic in handler")
}

// completed logs the completion line, one for each invocation: numbers under
// names that this program chooses, and no text of an event.
func (l requestLog) completed(r *Results, took time.Duration) {
	level := zerolog.InfoLevel
	if r.warn || r.response.Warn {
		level = zerolog.WarnLevel
		// Alerts look for these lines, so no HANDLER_LOG_LEVEL leaves them out.
		all := l.log.Level(level)
		l.log = &all
	}
	line := l.at(level)
	if r.response.Status != 0 {
		line.Int("status", r.response.Status)
	}
	if r.response.Reason != "" {
		line.Str("reason", r.response.Reason)
	}
	if r.response.Secret != 0 {
		line.Int("secret", r.response.Secret)
	}
	line.Int("events", r.events)
	for i, c := range r.counts {
		if slices.IndexFunc(r.counts, func(first count) bool { return first.group == c.group }) == i {
			line.Dict(c.group, r.dict(c.group))
		}
	}
	written := zerolog.Dict()
	for i, name := range r.names {
		if number := r.outputs[i].number; number > 0 {
			written.Int(name, number)
		}
	}
	if len(r.rejected) > 0 {
		written.Int(rejectedEvents.Name, 1)
	}
	line.Dict("outputs", written)
	if len(r.rejected) > 0 {
		rejected := zerolog.Dict()
		for _, c := range r.reasons() {
			rejected.Int(c.name, c.number)
		}
		line.Dict("rejected", rejected)
	}
	line.Dur("dur", took).Msg("invocation")
}

// dict returns the counts of a group.
func (r *Results) dict(group string) *zerolog.Event {
	dict := zerolog.Dict()
	for _, c := range r.counts {
		if c.group == group {
			dict.Int(c.name, c.number)
		}
	}
	return dict
}

// traceID returns the trace's id in a traceparent of version 00,
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
