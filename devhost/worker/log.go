package worker

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"slices"

	"github.com/rs/zerolog"
)

// Log writes a line to a log. The fields of a line that is a JSON object become
// fields of the log line, its message the message; any other line is the
// message. A field whose name the log uses itself gets the prefix handler_. The
// level is left out where it is the one that the host logs the line at.
func (l Line) Log(log zerolog.Logger) {
	event, message := log.WithLevel(l.Level), l.Text
	if l.Category != userCategory {
		event.Str("category", l.Category)
	}
	var fields map[string]jsontext.Value
	if err := json.Unmarshal([]byte(l.Text), &fields); err != nil {
		fields = nil
	} else if fields != nil {
		message = takeText(fields, zerolog.MessageFieldName)
		if string(fields[zerolog.LevelFieldName]) == `"`+l.Level.String()+`"` {
			delete(fields, zerolog.LevelFieldName)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch name {
		case zerolog.LevelFieldName, zerolog.TimestampFieldName, zerolog.MessageFieldName, "component", "category":
			event.RawJSON("handler_"+name, fields[name])
		default:
			event.RawJSON(name, fields[name])
		}
	}
	event.Msg(message)
}

// takeText removes a field that is a string and returns it.
func takeText(fields map[string]jsontext.Value, name string) (text string) {
	if json.Unmarshal(fields[name], &text) == nil {
		delete(fields, name)
	}
	return text
}
