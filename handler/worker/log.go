package worker

import (
	"bytes"
	"io"
	stdlog "log"

	"github.com/rs/zerolog"
)

// newLogger logs lines of JSON: info and below to stdout, warn and above to
// stderr, because the host derives the level of a line from its stream. The host
// adds times. Both writers are used concurrently.
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

// serverLog logs the errors of the HTTP server itself.
func serverLog(log zerolog.Logger) *stdlog.Logger {
	return stdlog.New(serverErrors{log}, "", 0)
}

type serverErrors struct {
	log zerolog.Logger
}

func (e serverErrors) Write(line []byte) (int, error) {
	e.log.Error().Bytes("error", bytes.TrimSpace(line)).Msg("HTTP server")
	return len(line), nil
}
