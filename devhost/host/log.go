package host

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/bridge"
)

// invocationLog returns a logger that names an invocation by the first digits
// of its id.
func (h *Host) invocationLog(call bridge.Call) *zerolog.Logger {
	log := h.log.With().Str("function", call.Function).Str("invocation", call.ID[:8]).Logger()
	return &log
}

// report logs an invocation that has ended: the handler's Logs, the remarks on
// its outputs and one line about all of it. Then it calls Options.Invoked.
func (h *Host) report(r Result) {
	if h.options.Invoked != nil {
		h.options.Invoked(r)
	}
	log := h.invocationLog(r.Call)
	for _, line := range r.Logs {
		log.Info().Msg(line)
	}
	for _, remark := range r.Outcome.Remarks {
		log.Warn().Msg(remark)
	}
	event, message := log.Info(), "invocation succeeded"
	if r.Err != nil {
		event, message = log.Error().Err(r.Err), "invocation failed"
	}
	var outputs []string
	for _, w := range r.Outcome.Written {
		outputs = append(outputs, fmt.Sprintf("%s +%d", w.Target, len(w.Items)))
	}
	if m := r.Call.Message; m != nil {
		event.Str("queue", m.Queue).Str("messageId", m.ID).Int("dequeueCount", m.DequeueCount)
	} else {
		event.Int("events", len(r.Call.Events))
	}
	event.Dur("milliseconds", r.Took.Round(100*time.Microsecond)).Strs("outputs", outputs).Msg(message)
}
