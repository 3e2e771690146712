package worker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
)

// EnvLogLevel is the variable for the lowest level that is logged.
const EnvLogLevel = "HANDLER_LOG_LEVEL"

// Environment reads environment variables and collects the mistakes in them, so that
// all of them are reported together. An empty variable counts as not set.
type Environment struct {
	lookup   func(string) (string, bool)
	mistakes []error
	warnings []string
}

// NewEnvironment returns an environment that looks variables up as [os.LookupEnv]
// does.
func NewEnvironment(lookup func(string) (string, bool)) *Environment {
	return &Environment{lookup: lookup}
}

// Mistake adds a line to the error that ends the start. The line must not contain a
// secret.
func (e *Environment) Mistake(format string, args ...any) {
	e.mistakes = append(e.mistakes, fmt.Errorf(format, args...))
}

// Warn adds a warning that is logged at the start.
func (e *Environment) Warn(format string, args ...any) {
	e.warnings = append(e.warnings, fmt.Sprintf(format, args...))
}

// Err returns an error with a line for each mistake, or nil.
func (e *Environment) Err() error {
	return errors.Join(e.mistakes...)
}

// Warnings returns the warnings.
func (e *Environment) Warnings() []string {
	return e.warnings
}

// Text returns a variable, or otherwise if it is not set.
func (e *Environment) Text(name, otherwise string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

// Secret returns a secret without the space around it. For a reference to a Key Vault
// it adds a warning and returns "": Azure passes the reference on if it can't read
// the secret, and anyone could guess it,
// https://learn.microsoft.com/azure/app-service/app-service-key-vault-references.
func (e *Environment) Secret(name string) string {
	value := strings.TrimSpace(e.Text(name, ""))
	if strings.HasPrefix(strings.ToLower(value), "@microsoft.keyvault(") {
		e.Warn("%s is a reference to a Key Vault that Azure could not read: check that the secret exists and that the app may read it", name)
		return ""
	}
	return value
}

// Boolean returns a variable that is true or false.
func (e *Environment) Boolean(name string, otherwise bool) bool {
	value := e.Text(name, strconv.FormatBool(otherwise))
	parsed, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		e.Mistake("%s is '%s': write true or false", name, value)
	}
	return parsed
}

// Number returns a variable that is an integer from least to most.
func (e *Environment) Number(name string, otherwise, least, most int64) int64 {
	value := e.Text(name, "")
	if value == "" {
		return otherwise
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number < least || number > most {
		e.Mistake("%s is '%s': write a number from %d to %d", name, value, least, most)
	}
	return number
}

func (e *Environment) port(name string) int {
	value := e.Text(name, "")
	if value == "" {
		e.Mistake("%s is not set: the Functions host sets it; to run the handler by hand, set it to a free port, or 0 for any", name)
		return 0
	}
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		e.Mistake("%s is '%s': write a port: 0 (any) to 65535", name, value)
	}
	return int(port)
}

func (e *Environment) level(name string, otherwise zerolog.Level) zerolog.Level {
	switch value := strings.ToLower(e.Text(name, otherwise.String())); value {
	case "debug", "info", "warn", "error":
		level, _ := zerolog.ParseLevel(value)
		return level
	default:
		// The message must not name the levels: the host does not log a line on
		// stderr as an error if it contains "warn".
		e.Mistake("%s is '%s', which is not a log level: see README.md", name, value)
		return otherwise
	}
}
