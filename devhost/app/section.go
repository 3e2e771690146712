package app

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// section is an object in a configuration file. Like .NET, it finds fields in
// any case.
type section struct {
	file  string
	path  string
	value dotnet.Value
	// missing means that the file does not have the section.
	missing bool
	// found takes the faults and warnings.
	found *findings
}

// findings are the faults and warnings that reading the app's files found.
type findings struct {
	faults   []error
	warnings []string
}

// err returns all faults, a line each.
func (f *findings) err() error { return errors.Join(f.faults...) }

func (s section) fault(field, text string) {
	s.found.faults = append(s.found.faults, fmt.Errorf("%s: %s%s %s", s.file, s.path, field, text))
}

func (s section) warn(field, text string) {
	s.found.warnings = append(s.found.warnings, fmt.Sprintf("%s: %s%s %s", s.file, s.path, field, text))
}

// section returns the object in a field.
func (s section) section(name string) section {
	value, found := s.value.Fold(name)
	if found && value.Kind != dotnet.KindObject && value.Kind != dotnet.KindNull {
		s.fault(name, "must be an object")
	}
	return section{file: s.file, path: s.path + name + ".", value: value, missing: !found, found: s.found}
}

func (s section) string(name, otherwise string) string {
	value, found := s.value.Fold(name)
	switch {
	case !found || value.Kind == dotnet.KindNull:
		return otherwise
	case value.Kind == dotnet.KindArray || value.Kind == dotnet.KindObject:
		s.fault(name, "must be a string")
		return otherwise
	default:
		return value.String()
	}
}

// strings returns an array of strings. It may be JSON inside a string.
func (s section) strings(name string) []string {
	value, found := s.value.Fold(name)
	if !found || value.Kind == dotnet.KindNull {
		return nil
	}
	if value.Kind == dotnet.KindString {
		value, _ = dotnet.Read([]byte(value.Text), dotnet.Options{})
	}
	if value.Kind != dotnet.KindArray {
		s.fault(name, "must be an array of strings")
		return nil
	}
	texts := make([]string, len(value.Items))
	for i, item := range value.Items {
		texts[i] = item.String()
	}
	return texts
}

// oneOf returns a string that must be one of the values, in any case.
func (s section) oneOf(name, otherwise string, values ...string) string {
	text := s.string(name, otherwise)
	for _, value := range values {
		if strings.EqualFold(text, value) {
			return value
		}
	}
	s.fault(name, fmt.Sprintf("is %q: write %s", text, strings.Join(values, " or ")))
	return otherwise
}

func (s section) bool(name string, otherwise bool) bool {
	switch strings.ToLower(s.string(name, strconv.FormatBool(otherwise))) {
	case "true":
		return true
	case "false":
		return false
	}
	s.fault(name, "must be true or false")
	return otherwise
}

// int returns an integer from a minimum to a maximum.
func (s section) int(name string, otherwise, minimum, maximum int) int {
	text := s.string(name, "")
	if text == "" {
		return otherwise
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < minimum || number > maximum {
		s.fault(name, fmt.Sprintf("must be a number from %d to %d", minimum, maximum))
	}
	return number
}

// duration returns a TimeSpan. It is negative for "-1", which means no limit.
func (s section) duration(name string, otherwise time.Duration) time.Duration {
	text := s.string(name, "")
	switch text {
	case "":
		return otherwise
	case "-1":
		return -1
	}
	duration, ok := parseTimeSpan(text)
	if !ok {
		s.fault(name, `must be a time such as "00:05:00"`)
		return otherwise
	}
	return duration
}

// timeSpan is .NET's form: days, hours, minutes, seconds and a fraction. Hours
// and minutes are required.
var timeSpan = regexp.MustCompile(`^(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$`)

func parseTimeSpan(text string) (total time.Duration, ok bool) {
	parts := timeSpan.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	for i, unit := range []struct {
		length  time.Duration
		maximum int
	}{{24 * time.Hour, 106_000}, {time.Hour, 23}, {time.Minute, 59}, {time.Second, 59}} {
		number, _ := strconv.Atoi(parts[i+1]) // digits, or nothing
		if number > unit.maximum {
			return 0, false
		}
		total += time.Duration(number) * unit.length
	}
	fraction, _ := strconv.Atoi((parts[5] + "000000000")[:9])
	return total + time.Duration(fraction), true
}
