// Package worker is the handler's process as the Functions host runs it: found,
// started with its environment, waited for, listened to and killed.
package worker

import (
	"maps"
	"slices"
	"strings"
)

// Environment is a process's environment by name.
type Environment map[string]string

// NewEnvironment reads an environment in the form of [os.Environ].
func NewEnvironment(environ []string) Environment {
	e := Environment{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			e[name] = value
		}
	}
	return e
}

// With adds app settings. A variable that is there already, and not empty,
// stays: the shell wins (StartHostAction.cs of Core Tools).
func (e Environment) With(settings map[string]string) Environment {
	merged := maps.Clone(e)
	for name, value := range settings {
		if merged[name] == "" {
			merged[name] = value
		}
	}
	return merged
}

// Override sets variables whatever there is.
func (e Environment) Override(variables map[string]string) Environment {
	merged := maps.Clone(e)
	maps.Copy(merged, variables)
	return merged
}

// Environ is the environment in the form of [os.Environ], in order.
func (e Environment) Environ() []string {
	pairs := make([]string, 0, len(e))
	for name, value := range e {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	return pairs
}

// Expand replaces %NAME% by the variable's value. Names that are not set stay
// as they are written.
func (e Environment) Expand(text string) string {
	return e.expand(text, func(reference string) string { return reference })
}

// expand is Expand with a say in what becomes of names that are not set.
func (e Environment) expand(text string, unset func(reference string) string) string {
	var expanded strings.Builder
	for {
		start := strings.IndexByte(text, '%')
		if start < 0 {
			break
		}
		length := strings.IndexByte(text[start+1:], '%')
		if length < 0 {
			break
		}
		reference := text[start : start+length+2]
		expanded.WriteString(text[:start])
		if value, ok := e[reference[1:len(reference)-1]]; ok {
			expanded.WriteString(value)
		} else {
			expanded.WriteString(unset(reference))
		}
		text = text[start+length+2:]
	}
	expanded.WriteString(text)
	return expanded.String()
}
