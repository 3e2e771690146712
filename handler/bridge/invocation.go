package bridge

import (
	"fmt"
	"iter"
	"runtime/debug"

	"github.com/rs/zerolog"
)

// invocation is one call of a function and what came of it.
type invocation struct {
	id       string
	function *bound
	log      requestLog
	events   int
	outputs  *Outputs
	rejected []rejectedEvent
}

// run hands a delivery to the function, event by event: what is wrong with one
// is no other's concern.
func (call *invocation) run(delivery iter.Seq[entry]) {
	for e := range delivery {
		call.outputs.mark()
		if rejection := call.handle(e); rejection != nil {
			call.reject(e, rejection)
		}
		call.events++
	}
}

func (call *invocation) handle(e entry) (rejection *Rejection) {
	if e.event == "" {
		return Reject(MalformedEvent, "not a JSON object")
	}
	defer func() {
		if value := recover(); value != nil {
			call.log.panicked(value)
			rejection = Reject(panicked, fmt.Sprintf("%T", value))
		}
	}()
	return call.function.Handle(e.event, call.outputs)
}

func (call *invocation) reject(e entry, r *Rejection) {
	if !r.Written {
		call.outputs.rollback()
	}
	call.rejected = append(call.rejected, rejectedEvent{e, r})
	call.log.at(zerolog.DebugLevel).Int("event", call.events).Str("reason", string(r.Reason)).Bool("written", r.Written).Msg("rejected")
}

// panicked tells where it happened but not the panic's value, which may quote
// what somebody wrote.
func (l requestLog) panicked(value any) {
	l.at(zerolog.ErrorLevel).Str("panic", fmt.Sprintf("%T", value)).Bytes("stack", debug.Stack()).Msg("a mistake in the handler")
}
