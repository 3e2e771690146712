package dotnet

import (
	"fmt"

	"strings"
	"time"
)

// standardFormats are the formats of one letter, in the invariant culture.
var standardFormats = map[string]string{
	"d": "MM/dd/yyyy",
	"D": "dddd, dd MMMM yyyy",
	"f": "dddd, dd MMMM yyyy HH:mm",
	"F": "dddd, dd MMMM yyyy HH:mm:ss",
	"g": "MM/dd/yyyy HH:mm",
	"G": "MM/dd/yyyy HH:mm:ss",
	"m": "MMMM dd", "M": "MMMM dd",
	"o": "yyyy-MM-ddTHH:mm:ss.fffffffK", "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
	"r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
	"s": "yyyy-MM-ddTHH:mm:ss",
	"t": "HH:mm",
	"T": "HH:mm:ss",
	"u": "yyyy-MM-dd HH:mm:ss'Z'",
	"U": "dddd, dd MMMM yyyy HH:mm:ss",
	"y": "yyyy MMMM", "Y": "yyyy MMMM",
}

// FormatTime formats a time in UTC by a .NET format, standard or custom, such as
// yyyy-MM-ddTHH-mm-ssK, in the invariant culture.
func FormatTime(t time.Time, format string) (string, error) {
	t = t.UTC()
	if len(format) == 1 {
		custom, ok := standardFormats[format]
		if !ok {
			return "", fmt.Errorf("%q is not a .NET date format", format)
		}
		format = custom
	}
	var text strings.Builder
	for format != "" {
		c := format[0]
		field := format[:len(format)-len(strings.TrimLeft(format, string(c)))]
		switch {
		case c == '\\' && len(format) > 1:
			text.WriteByte(format[1])
			format = format[2:]
		case c == '\'' || c == '"':
			literal, rest, closed := strings.Cut(format[1:], string(c))
			if !closed {
				return "", fmt.Errorf("format %q: a quote is not closed", format)
			}
			text.WriteString(literal)
			format = rest
		case c == '%':
			format = format[1:]
		case strings.IndexByte("yMdHhmsfFtzKg", c) >= 0:
			text.WriteString(formatField(t, field))
			format = format[len(field):]
		default:
			text.WriteByte(c)
			format = format[1:]
		}
	}
	return text.String(), nil
}

// layouts are Go's names of the fields that Go has too. Longer runs of a letter
// mean the same as the longest here.
var layouts = map[byte][]string{
	'M': {"1", "01", "Jan", "January"},
	'd': {"2", "02", "Mon", "Monday"},
	'h': {"3", "03"},
	'm': {"4", "04"},
	's': {"5", "05"},
}

// formatField formats one field, a run of the same letter.
func formatField(t time.Time, field string) string {
	c, width := field[0], len(field)
	if known := layouts[c]; known != nil {
		return t.Format(known[min(width, len(known))-1])
	}
	switch c {
	case 'y':
		if width <= 2 {
			return fmt.Sprintf("%0*d", width, t.Year()%100)
		}
		return fmt.Sprintf("%0*d", width, t.Year())
	case 'H':
		return fmt.Sprintf("%0*d", min(width, 2), t.Hour())
	case 'f', 'F':
		digits := fmt.Sprintf("%09d", t.Nanosecond())[:min(width, 7)]
		if c == 'F' {
			digits = strings.TrimRight(digits, "0")
		}
		return digits
	case 't':
		return t.Format("PM")[:min(width, 2)]
	case 'z':
		return []string{"+0", "+00", "+00:00"}[min(width, 3)-1]
	case 'g':
		return "A.D."
	default: // K
		return "Z"
	}
}
