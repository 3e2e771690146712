package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

// log returns a log of JSON objects with --json-logs, otherwise of lines such as
//
//	15:04:05.000 INF handler 2 events done events=2 function=AdvancedMessageTrigger
func (p *program) log(out console) zerolog.Logger {
	clock := zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, _ string) {
		e.Str(zerolog.TimestampFieldName, time.Now().Format("2006-01-02T15:04:05.000Z07:00"))
	})
	if p.jsonLogs {
		return zerolog.New(out).Hook(clock)
	}
	plain := func(value any) string {
		if value == nil {
			return ""
		}
		return escape(fmt.Sprintf("%s", value))
	}
	name := func(value any) string { return plain(value) + "=" }
	return zerolog.New(zerolog.SyncWriter(zerolog.ConsoleWriter{
		Out:           out.raw,
		NoColor:       !out.colours,
		TimeFormat:    "15:04:05.000",
		PartsOrder:    []string{zerolog.TimestampFieldName, zerolog.LevelFieldName, "component", zerolog.MessageFieldName},
		FieldsExclude: []string{"component"},
		FormatMessage: plain, FormatFieldName: name, FormatFieldValue: plain, FormatErrFieldName: name, FormatErrFieldValue: plain,
	})).Hook(clock)
}

// console is an output of the program. Write escapes the characters that a
// terminal acts upon, except ends of lines and tabs. JSON stays the same JSON.
type console struct {
	raw     io.Writer
	colours bool
}

// newConsole returns a console that several goroutines can use. It has colours
// on a terminal, unless NO_COLOR is set (https://no-color.org).
func newConsole(out io.Writer, environ []string) console {
	file, ok := out.(*os.File)
	colours := ok && isatty.IsTerminal(file.Fd()) && !slices.ContainsFunc(environ, func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return name == "NO_COLOR" && value != "" || name == "TERM" && value == "dumb"
	})
	return console{raw: zerolog.SyncWriter(out), colours: colours}
}

// Write implements [io.Writer].
func (c console) Write(text []byte) (int, error) {
	if _, err := io.WriteString(c.raw, escapeExcept(string(text), "\n\t")); err != nil {
		return 0, err
	}
	return len(text), nil
}

// escape returns a text on one line, with the characters escaped that a
// terminal acts upon: controls, C1 controls and those of the writing direction.
func escape(text string) string {
	return escapeExcept(strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text), "")
}

// escapeExcept escapes the same characters, except those that are kept.
func escapeExcept(text, kept string) string {
	var escaped strings.Builder
	for _, r := range text {
		if strconv.IsGraphic(r) || strings.ContainsRune(kept, r) {
			escaped.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&escaped, `\u%04x`, unit)
		}
	}
	return escaped.String()
}
