package main

import (
	"bytes"
	"io"
	stdlog "log"

	"github.com/rs/zerolog"
)

// newLogger logs lines of JSON: info and below to stdout, warn and above to
// stderr, for the host takes a line's level from its stream. Times are the
// host's to add. Many goroutines write to both.
func newLogger(stdout, stderr io.Writer, level zerolog.Level) zerolog.Logger {
	return zerolog.New(streams{stdout, stderr}).Level(level)
}

type streams struct {
	io.Writer
	warnings io.Writer
}

// WriteLevel implements [zerolog.LevelWriter].
func (s streams) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	if level >= zerolog.WarnLevel && level <= zerolog.PanicLevel {
		return s.warnings.Write(line)
	}
	return s.Write(line)
}

// serverLog passes on what the HTTP server itself has to complain about.
func serverLog(log zerolog.Logger) *stdlog.Logger {
	return stdlog.New(complaints{log}, "", 0)
}

type complaints struct {
	log zerolog.Logger
}

func (c complaints) Write(line []byte) (int, error) {
	c.log.Error().Bytes("error", bytes.TrimSpace(line)).Msg("HTTP server")
	return len(line), nil
}
