package bridge

import (
	"fmt"
	"runtime/debug"

	"github.com/rs/zerolog"
)

// invocation is one call of a function and what came of it.
type invocation struct {
	id       string
	function *bound
	events   int
	outputs  *Outputs
	rejected []rejectedEvent
}

// invoke hands a delivery to the function, event by event: what is wrong with
// one is no other's concern.
func invoke(function *bound, id string, delivery []entry, log zerolog.Logger) invocation {
	call := invocation{id: id, function: function, events: len(delivery), outputs: newOutputs(function.outputs)}
	for i, e := range delivery {
		call.outputs.mark()
		rejection := call.handle(e, log)
		if rejection == nil {
			continue
		}
		if !rejection.Written {
			call.outputs.rollback()
		}
		call.rejected = append(call.rejected, e.rejected(rejection))
		log.Debug().Int("event", i).Str("reason", string(rejection.Reason)).Bool("written", rejection.Written).Msg("rejected")
	}
	return call
}

func (call invocation) handle(e entry, log zerolog.Logger) (rejection *Rejection) {
	if e.event == nil {
		return Reject(MalformedEvent, "not a JSON object")
	}
	defer func() {
		if value := recover(); value != nil {
			logPanic(log, value)
			rejection = Reject(panicked, fmt.Sprintf("%T", value))
		}
	}()
	return call.function.Handle(e.event, call.outputs)
}

// logPanic tells where it happened but not the panic's value, which may quote
// what somebody wrote.
func logPanic(log zerolog.Logger, value any) {
	log.Error().Str("panic", fmt.Sprintf("%T", value)).Bytes("stack", debug.Stack()).Msg("a mistake in the handler")
}
