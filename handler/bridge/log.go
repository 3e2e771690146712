package bridge

import (
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

// panicked logs the type and stack of a panic, and not its value, which may quote
// personal data.
func (l requestLog) panicked(value any) {
	l.at(zerolog.ErrorLevel).Str("panic", fmt.Sprintf("%T", value)).Bytes("stack", debug.Stack()).Msg("panic in handler")
}

// completed logs the completion line, one for each invocation: numbers under
// names that this program chooses, and no text of an event.
func (l requestLog) completed(r *Results, took time.Duration) {
	level := zerolog.InfoLevel
	if len(r.rejected) > 0 {
		level = zerolog.WarnLevel
	}
	line := l.at(level).Int("events", r.events)
	var groups []string
	for _, c := range r.counts {
		if !slices.Contains(groups, c.group) {
			groups = append(groups, c.group)
		}
	}
	for _, group := range groups {
		var names tally
		for _, c := range r.counts {
			if c.group == group {
				names.add(c.name)
			}
		}
		line.Object(group, names)
	}
	line.Object("outputs", r.writtenByOutput())
	if len(r.rejected) > 0 {
		line.Object("rejected", r.reasons())
	}
	line.Dur("dur", took).Msg("invocation")
}

// writtenByOutput counts what is written to each output.
func (r *Results) writtenByOutput() (outputs tally) {
	for _, item := range r.items {
		outputs.add(item.output)
	}
	if len(r.rejected) > 0 {
		outputs.add(rejectedEvents.Name)
	}
	return outputs
}

// reasons counts the rejected events by reason.
func (r *Results) reasons() (reasons tally) {
	for _, event := range r.rejected {
		reasons.add(string(event.Reason))
	}
	return reasons
}

// tally counts by name, in the order in which the names first occur.
type tally []tallied

type tallied struct {
	name   string
	number int
}

func (t *tally) add(name string) {
	for i := range *t {
		if (*t)[i].name == name {
			(*t)[i].number++
			return
		}
	}
	*t = append(*t, tallied{name, 1})
}

// MarshalZerologObject implements [zerolog.LogObjectMarshaler].
func (t tally) MarshalZerologObject(line *zerolog.Event) {
	for _, one := range t {
		line.Int(one.name, one.number)
	}
}

// String lists the names and numbers.
func (t tally) String() string {
	all := make([]string, len(t))
	for i, one := range t {
		all[i] = fmt.Sprintf("%s %d", one.name, one.number)
	}
	return strings.Join(all, ", ")
}

// traceID returns the trace's id in a traceparent of version 00,
// https://www.w3.org/TR/trace-context/#traceparent-header, or "".
func traceID(parent string) string {
	parts := strings.Split(parent, "-")
	if len(parts) != 4 || len(parts[1]) != 32 || strings.Trim(parts[1], "0123456789abcdef") != "" {
		return ""
	}
	return parts[1]
}
