package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
)

// The environment that is ours. The host's own is in package bridge.
const (
	envLogLevel = "HANDLER_LOG_LEVEL"
	envMaxBody  = "HANDLER_MAX_BODY_BYTES"
	envOptOut   = "HANDLER_OPT_OUT_WORDS"
)

const (
	defaultOptOut = "STOP,STOP ALL,STOPALL,UNSUBSCRIBE,OPT OUT,OPT-OUT,OPTOUT,STOP PROMOTIONS,STOP MARKETING,STOP MESSAGES"

	defaultMaxBody = 16 << 20
	// The largest delivery of Event Grid is 1 MiB. The host sends every event
	// twice, with its quotes escaped: that may take four.
	leastMaxBody = 4 << 20
	mostMaxBody  = 1 << 30
)

// config is all that the environment says.
type config struct {
	port      int
	root      string
	underHost bool
	logLevel  zerolog.Level
	maxBody   int64
	optOut    conversation.OptOutWords
}

// readConfig reads the environment. All that is wrong with it is in the error,
// a line each.
func readConfig(lookupEnv func(string) (string, bool)) (config, error) {
	env := environment{lookup: lookupEnv}
	workerID := env.text(bridge.EnvWorkerID, "")
	c := config{
		port:      env.port(bridge.EnvPort),
		root:      env.text(bridge.EnvAppRoot, "."),
		underHost: workerID != "",
		logLevel:  env.level(envLogLevel, zerolog.InfoLevel),
		maxBody:   env.number(envMaxBody, defaultMaxBody, leastMaxBody, mostMaxBody),
		optOut:    env.words(envOptOut, defaultOptOut),
	}
	return c, errors.Join(env.wrong...)
}

// environment reads variables and gathers what is wrong with them. A variable
// that is empty counts as not set.
type environment struct {
	lookup func(string) (string, bool)
	wrong  []error
}

func (e *environment) complain(format string, args ...any) {
	e.wrong = append(e.wrong, fmt.Errorf(format, args...))
}

func (e *environment) text(name, otherwise string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

func (e *environment) port(name string) int {
	value := e.text(name, "")
	if value == "" {
		e.complain("%s is not set: the Functions host sets it; to run the handler by hand, set it to a free port, or 0 for any", name)
		return 0
	}
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		e.complain("%s is '%s': write a port, a number from 0 (any) to 65535", name, value)
	}
	return int(port)
}

func (e *environment) number(name string, otherwise, least, most int64) int64 {
	value := e.text(name, "")
	if value == "" {
		return otherwise
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number < least || number > most {
		e.complain("%s is '%s': write a number from %d to %d", name, value, least, most)
	}
	return number
}

func (e *environment) level(name string, otherwise zerolog.Level) zerolog.Level {
	switch value := strings.ToLower(e.text(name, otherwise.String())); value {
	case "debug", "info", "warn", "error":
		level, _ := zerolog.ParseLevel(value)
		return level
	default:
		// The names of the levels may not stand here: to the host a line on
		// stderr that says one of them is no error.
		e.complain("%s is '%s': that is no level, see README.md", name, value)
		return otherwise
	}
}

func (e *environment) words(name, otherwise string) conversation.OptOutWords {
	value := e.text(name, otherwise)
	words := conversation.NewOptOutWords(strings.Split(value, ","))
	if words.Empty() {
		e.complain("%s is '%s': write words separated by commas", name, value)
	}
	return words
}
