package worker

import (
	"strings"

	"github.com/rs/zerolog"
)

// Line is a line that the handler wrote.
type Line struct {
	// Level is the level at which the host logs it.
	Level zerolog.Level
	// Category is the log category, by which host.json filters.
	Category string
	Text     string
}

// The categories and prefixes of lines (WorkerProcessUtilities.cs).
const (
	userCategory    = "Host.Function.Console"
	systemCategory  = "Worker.HttpWorkerProcess"
	toolingCategory = "Host.Function.ToolingConsoleLog"

	systemPrefix  = "languageworkerconsolelog"
	toolingPrefix = "azfuncjsonlog:"
)

func newLine(text string, stderr, stderrIsError bool) Line {
	line := Line{Level: zerolog.InfoLevel, Category: userCategory, Text: text}
	if stderr {
		line.Level = stderrLevel(text, stderrIsError)
	}
	switch lower := strings.ToLower(text); {
	case strings.HasPrefix(lower, systemPrefix):
		line.Category, line.Text = systemCategory, text[len(systemPrefix):]
	case strings.HasPrefix(lower, toolingPrefix):
		line.Category = toolingCategory
	}
	return line
}

func stderrLevel(text string, isError bool) zerolog.Level {
	lower := strings.ToLower(text)
	if strings.Contains(lower, "warn") {
		return zerolog.WarnLevel
	}
	if isError {
		return zerolog.ErrorLevel
	}
	for _, word := range []string{"error", "fail", "severe", "unhandled exception"} {
		if strings.Contains(lower, word) {
			return zerolog.ErrorLevel
		}
	}
	return zerolog.InfoLevel
}
