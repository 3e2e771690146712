package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// section is an object in a configuration file. It reads members in any case,
// as .NET binds options, and gathers what is wrong with them.
type section struct {
	file  string
	path  string
	value dotnet.Value
	found bool
	wrong *[]error
}

func newSection(file string, value dotnet.Value) section {
	return section{file: file, value: value, found: true, wrong: new([]error)}
}

// err is all that was wrong, a line each.
func (s section) err() error {
	return errors.Join(*s.wrong...)
}

// complain notes that something is wrong with a member.
func (s section) complain(name, what string) {
	*s.wrong = append(*s.wrong, fmt.Errorf("%s: %s%s %s", s.file, s.path, name, what))
}

// in is the object under name.
func (s section) in(name string) section {
	value, found := s.value.Fold(name)
	if found && value.Kind != dotnet.KindObject {
		s.complain(name, "must be an object")
	}
	return section{file: s.file, path: s.path + name + ".", value: value, found: found, wrong: s.wrong}
}

func (s section) missing() bool { return !s.found }

func (s section) text(name, otherwise string) string {
	value, found := s.value.Fold(name)
	switch {
	case !found || value.Kind == dotnet.KindNull:
		return otherwise
	case value.Kind == dotnet.KindArray || value.Kind == dotnet.KindObject:
		s.complain(name, "must be text")
		return otherwise
	default:
		return value.String()
	}
}

// texts reads an array of texts, also one that is written inside a text.
func (s section) texts(name string) []string {
	value, found := s.value.Fold(name)
	if !found || value.Kind == dotnet.KindNull {
		return nil
	}
	if value.Kind == dotnet.KindString {
		inner, err := dotnet.Read([]byte(value.Text), dotnet.Options{})
		if err != nil {
			s.complain(name, "must be an array of texts")
			return nil
		}
		value = inner
	}
	if value.Kind != dotnet.KindArray {
		s.complain(name, "must be an array of texts")
		return nil
	}
	texts := make([]string, len(value.Items))
	for i, item := range value.Items {
		texts[i] = item.String()
	}
	return texts
}

func (s section) truth(name string, otherwise bool) bool {
	switch text := s.text(name, strconv.FormatBool(otherwise)); strings.ToLower(text) {
	case "true":
		return true
	case "false":
		return false
	default:
		s.complain(name, "must be true or false")
		return otherwise
	}
}

// number reads a whole number, -1 or more.
func (s section) number(name string, otherwise int) int {
	number, err := strconv.Atoi(s.text(name, strconv.Itoa(otherwise)))
	if err != nil || number < -1 {
		s.complain(name, "must be a whole number")
	}
	return number
}

func (s section) port(name string) int {
	port, err := strconv.ParseUint(s.text(name, "0"), 10, 16)
	if err != nil {
		s.complain(name, "must be a port")
	}
	return int(port)
}

// duration reads a TimeSpan: [d.]hh:mm:ss, or -1 for no limit, which is
// returned as a negative duration.
func (s section) duration(name string, otherwise time.Duration) time.Duration {
	text := s.text(name, "")
	switch text {
	case "":
		return otherwise
	case "-1":
		return -1
	}
	duration, ok := parseTimeSpan(text)
	if !ok {
		s.complain(name, `must be a time such as "00:05:00"`)
		return otherwise
	}
	return duration
}

func parseTimeSpan(text string) (time.Duration, bool) {
	days, clock, dotted := strings.Cut(text, ".")
	if !dotted || strings.Contains(days, ":") {
		days, clock = "0", text
	}
	parts := strings.Split(clock, ":")
	if len(parts) != 3 {
		return 0, false
	}
	d, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, false
	}
	total := time.Duration(d) * 24 * time.Hour
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, err := strconv.ParseFloat(parts[i], 64)
		if err != nil || n < 0 || n >= 60 {
			return 0, false
		}
		total += time.Duration(n * float64(unit))
	}
	return total, true
}
