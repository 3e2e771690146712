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

// section is an object in a configuration file. It reads members in any case,
// as .NET binds options, and gathers what is wrong with them.
type section struct {
	file  string
	path  string
	value dotnet.Value
	found bool
	notes *notes
}

// notes are what is wrong with a file, and what is only worth a warning.
type notes struct {
	wrong    []error
	warnings []string
}

func newSection(file string, value dotnet.Value, notes *notes) section {
	return section{file: file, value: value, found: true, notes: notes}
}

// err is all that was wrong, a line each.
func (n *notes) err() error {
	return errors.Join(n.wrong...)
}

// complain notes that something is wrong with a member.
func (s section) complain(name, what string) {
	s.notes.wrong = append(s.notes.wrong, fmt.Errorf("%s: %s%s %s", s.file, s.path, name, what))
}

// warn notes that a member does what nobody may expect.
func (s section) warn(name, what string) {
	s.notes.warnings = append(s.notes.warnings, fmt.Sprintf("%s: %s%s %s", s.file, s.path, name, what))
}

// in is the object under name.
func (s section) in(name string) section {
	value, found := s.value.Fold(name)
	if found && value.Kind != dotnet.KindObject {
		s.complain(name, "must be an object")
	}
	return section{file: s.file, path: s.path + name + ".", value: value, found: found, notes: s.notes}
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

// port reads a port; 0 if there is none.
func (s section) port(name string) int {
	text := s.text(name, "")
	if text == "" {
		return 0
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		s.complain(name, "must be a port, a number from 1 to 65535")
	}
	return int(port)
}

// duration reads a TimeSpan, or -1 for no limit, which is returned as a
// negative duration.
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

// timeSpan is how .NET writes a TimeSpan: days, hours, minutes, seconds and a
// fraction, of which hours and minutes must be there.
var timeSpan = regexp.MustCompile(`^(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$`)

func parseTimeSpan(text string) (time.Duration, bool) {
	parts := timeSpan.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	var total time.Duration
	for i, unit := range []struct {
		length time.Duration
		most   int
	}{{24 * time.Hour, 106_000}, {time.Hour, 23}, {time.Minute, 59}, {time.Second, 59}} {
		number, _ := strconv.Atoi(parts[i+1]) // digits, or nothing
		if number > unit.most {
			return 0, false
		}
		total += time.Duration(number) * unit.length
	}
	fraction, _ := strconv.Atoi((parts[5] + "000000000")[:9])
	return total + time.Duration(fraction), true
}
