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
	for _, group := range call.groups() {
		line.Dict(group, call.counted(group).dict())
	}
	line.Dict("outputs", call.items().dict())
	if len(call.rejected) > 0 {
		line.Dict("rejected", call.reasons().dict())
	}
	line.Dur("dur", took).Msg("invocation")
}
