package bridge

import (
	"time"

	"github.com/rs/zerolog"
)

// logCompletion writes the one line that every invocation leaves: numbers, and
// names of ours; nothing that came with the events.
func (call *invocation) logCompletion(took time.Duration) {
	level := zerolog.InfoLevel
	if len(call.rejected) > 0 {
		level = zerolog.WarnLevel
	}
	line := call.log.at(level)
	line.Int("events", call.events)
	var few [8]tally // so that counting takes no memory of its own
	for i, c := range call.outputs.counts {
		if !mentions(call.outputs.counts[:i], c.group) {
			line.Dict(c.group, call.counted(c.group, few[:0]).dict())
		}
	}
	line.Dict("outputs", call.items(few[:0]).dict())
	if len(call.rejected) > 0 {
		line.Dict("rejected", call.reasons(few[:0]).dict())
	}
	line.Dur("dur", took).Msg("invocation")
}

// mentions reports whether anything was counted in the group.
func mentions(counts []count, group string) bool {
	for _, c := range counts {
		if c.group == group {
			return true
		}
	}
	return false
}
