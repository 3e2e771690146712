package host

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"slices"
	"strings"

	"github.com/rs/zerolog"
)

// line is a line that the handler wrote.
type line struct {
	// level is the level at which the host logs it.
	level zerolog.Level
	// category is the log category, by which host.json filters.
	category string
	text     string
}

// The categories and prefixes of lines (WorkerProcessUtilities.cs).
const (
	userCategory    = "Host.Function.Console"
	systemCategory  = "Worker.HttpWorkerProcess"
	toolingCategory = "Host.Function.ToolingConsoleLog"

	systemPrefix  = "languageworkerconsolelog"
	toolingPrefix = "azfuncjsonlog:"
)

func newLine(text string, stderr, stderrIsError bool) line {
	l := line{level: zerolog.InfoLevel, category: userCategory, text: text}
	if stderr {
		l.level = stderrLevel(text, stderrIsError)
	}
	switch lower := strings.ToLower(text); {
	case strings.HasPrefix(lower, systemPrefix):
		l.category, l.text = systemCategory, text[len(systemPrefix):]
	case strings.HasPrefix(lower, toolingPrefix):
		l.category = toolingCategory
	}
	return l
}

func stderrLevel(text string, isError bool) zerolog.Level {
	contains := func(word string) bool { return strings.Contains(strings.ToLower(text), word) }
	switch {
	case contains("warn"):
		return zerolog.WarnLevel
	case isError || slices.ContainsFunc([]string{"error", "fail", "severe", "unhandled exception"}, contains):
		return zerolog.ErrorLevel
	default:
		return zerolog.InfoLevel
	}
}

// log writes the line to a log. A JSON object's fields become fields of the log
// entry, and its message the message; any other line is the message. A field
// with a name that the log uses gets the prefix handler_. The level is left out
// if the host logs the line at the same level.
func (l line) log(log zerolog.Logger) {
	event, message := log.WithLevel(l.level), l.text
	if l.category != userCategory {
		event.Str("category", l.category)
	}
	var fields map[string]jsontext.Value
	if json.Unmarshal([]byte(l.text), &fields) != nil {
		fields = nil
	} else if fields != nil {
		message = ""
		if json.Unmarshal(fields[zerolog.MessageFieldName], &message) == nil {
			delete(fields, zerolog.MessageFieldName)
		}
		if string(fields[zerolog.LevelFieldName]) == `"`+l.level.String()+`"` {
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
