package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/meta"
)

// The variables of this program. Those of the host are in package bridge.
const (
	envLogLevel = "HANDLER_LOG_LEVEL"
	envMaxBody  = "HANDLER_MAX_BODY_BYTES"
	envOptOut   = "HANDLER_OPT_OUT_WORDS"
	envNames    = "HANDLER_STORE_PROFILE_NAMES"

	envAppSecrets   = "META_APP_SECRETS"
	envVerifyToken  = "META_VERIFY_TOKEN"
	envSharedSecret = "WEBHOOK_SHARED_SECRET"
)

const (
	defaultOptOut = "STOP,STOP ALL,STOPALL,UNSUBSCRIBE,OPT OUT,OPT-OUT,OPTOUT,STOP PROMOTIONS,STOP MARKETING,STOP MESSAGES"

	defaultMaxBody = 16 << 20
	// The largest delivery of Event Grid is 1 MiB. The host sends every event
	// twice and escapes its quotes, so the body may have 4 MiB.
	leastMaxBody = 4 << 20
	// leastMaxBodyWebhook is for webhooks: infra/ lets the host accept 4 MiB, and
	// the host escapes every quote and backslash.
	leastMaxBodyWebhook = 9 << 20
	mostMaxBody         = 1 << 30
)

// config is the configuration.
type config struct {
	port      int
	root      string
	underHost bool
	logLevel  zerolog.Level
	maxBody   int64
	functions functions.Settings
	// warnings are lines for the log about settings that have no effect.
	warnings []string
}

// readConfig reads the environment. The error has a line for each mistake.
func readConfig(lookupEnv func(string) (string, bool)) (config, error) {
	env := environment{lookup: lookupEnv}
	workerID := env.text(bridge.EnvWorkerID, "")
	secrets := meta.NewSecrets(env.secret(envAppSecrets), env.secret(envSharedSecret), env.secret(envVerifyToken))
	least := int64(leastMaxBody)
	if secrets.Any() {
		least = leastMaxBodyWebhook
	}
	c := config{
		port:      env.port(bridge.EnvPort),
		root:      env.text(bridge.EnvAppRoot, "."),
		underHost: workerID != "",
		logLevel:  env.level(envLogLevel, zerolog.InfoLevel),
		maxBody:   env.number(envMaxBody, defaultMaxBody, least, mostMaxBody),
		functions: functions.Settings{
			OptOut:           env.words(envOptOut, defaultOptOut),
			Secrets:          secrets,
			KeepProfileNames: env.boolean(envNames, false),
		},
	}
	c.warnings = env.warnings
	return c, errors.Join(env.mistakes...)
}

// environment reads variables and collects the mistakes in them. An empty variable
// counts as not set.
type environment struct {
	lookup   func(string) (string, bool)
	mistakes []error
	warnings []string
}

func (e *environment) mistake(format string, args ...any) {
	e.mistakes = append(e.mistakes, fmt.Errorf(format, args...))
}

func (e *environment) text(name, otherwise string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

// secret returns a secret. It returns "" for a reference to a Key Vault, which Azure
// passes on if it can't read the secret: anyone could guess it,
// https://learn.microsoft.com/azure/app-service/app-service-key-vault-references.
func (e *environment) secret(name string) string {
	value := strings.TrimSpace(e.text(name, ""))
	if strings.HasPrefix(strings.ToLower(value), "@microsoft.keyvault(") {
		e.warnings = append(e.warnings, name+" is a reference to a Key Vault that Azure could not read: see docs/meta.md")
		return ""
	}
	return value
}

func (e *environment) boolean(name string, otherwise bool) bool {
	value := e.text(name, strconv.FormatBool(otherwise))
	parsed, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		e.mistake("%s is '%s': write true or false", name, value)
	}
	return parsed
}

func (e *environment) port(name string) int {
	value := e.text(name, "")
	if value == "" {
		e.mistake("%s is not set: the Functions host sets it; to run the handler by hand, set it to a free port, or 0 for any", name)
		return 0
	}
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		e.mistake("%s is '%s': write a port: 0 (any) to 65535", name, value)
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
		e.mistake("%s is '%s': write a number from %d to %d", name, value, least, most)
	}
	return number
}

func (e *environment) level(name string, otherwise zerolog.Level) zerolog.Level {
	switch value := strings.ToLower(e.text(name, otherwise.String())); value {
	case "debug", "info", "warn", "error":
		level, _ := zerolog.ParseLevel(value)
		return level
	default:
		// The message must not name the levels: the host does not log a line on
		// stderr as an error if it contains "warn".
		e.mistake("%s is '%s', which is not a log level: see README.md", name, value)
		return otherwise
	}
}

func (e *environment) words(name, otherwise string) conversation.OptOutWords {
	value := e.text(name, otherwise)
	words := conversation.NewOptOutWords(strings.Split(value, ","))
	if words.Empty() {
		e.mistake("%s is '%s': write words separated by commas", name, value)
	}
	return words
}
