package dotnet

import (
	"fmt"
	"strings"
	"time"
)

// FormatTime writes a time in UTC by a .NET custom format, such as
// yyyy-MM-ddTHH-mm-ssK, in the invariant culture.
func FormatTime(t time.Time, format string) (string, error) {
	t = t.UTC()
	if len(format) == 1 {
		return "", fmt.Errorf("%q is a standard format: devhost knows custom formats only, such as yyyy-MM-dd", format)
	}
	var text strings.Builder
	for i := 0; i < len(format); {
		c := format[i]
		run := 1
		for i+run < len(format) && format[i+run] == c {
			run++
		}
		switch {
		case c == '\\' && i+1 < len(format):
			text.WriteByte(format[i+1])
			i += 2
		case c == '\'' || c == '"':
			literal, _, closed := strings.Cut(format[i+1:], string(c))
			if !closed {
				return "", fmt.Errorf("format %q: a quote is not closed", format)
			}
			text.WriteString(literal)
			i += len(literal) + 2
		case strings.IndexByte("yMdHhmsfFtzK", c) >= 0:
			text.WriteString(formatField(t, c, run))
			i += run
		default:
			text.WriteByte(c)
			i++
		}
	}
	return text.String(), nil
}

// formatField writes one field, as wide as its letter is long.
func formatField(t time.Time, field byte, width int) string {
	number := func(n int) string {
		return fmt.Sprintf("%0*d", min(width, 2), n)
	}
	name := func(long string) string {
		if width == 3 {
			return long[:3]
		}
		return long
	}
	switch field {
	case 'y':
		if width <= 2 {
			return number(t.Year() % 100)
		}
		return fmt.Sprintf("%0*d", width, t.Year())
	case 'M':
		if width >= 3 {
			return name(t.Month().String())
		}
		return number(int(t.Month()))
	case 'd':
		if width >= 3 {
			return name(t.Weekday().String())
		}
		return number(t.Day())
	case 'H':
		return number(t.Hour())
	case 'h':
		return number((t.Hour()+11)%12 + 1)
	case 'm':
		return number(t.Minute())
	case 's':
		return number(t.Second())
	case 'f', 'F':
		digits := fmt.Sprintf("%09d", t.Nanosecond())[:min(width, 7)]
		if field == 'F' {
			digits = strings.TrimRight(digits, "0")
		}
		return digits
	case 't':
		return t.Format("PM")[:min(width, 2)]
	case 'z':
		return "+00:00"[:[]int{2, 3, 6}[min(width, 3)-1]]
	default: // K
		return "Z"
	}
}
