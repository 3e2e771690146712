package dotnet

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Compact is the value as JSON without spaces (Formatting.None).
func (v Value) Compact() string {
	var w writer
	w.value(v, -1)
	return w.String()
}

// Indented is the value as JSON on lines (Formatting.Indented): what becomes
// of an object in a queue message.
func (v Value) Indented() string {
	var w writer
	w.value(v, 0)
	return w.String()
}

// String is the value as .NET turns it into text (JValue.ToString, in the
// invariant culture): a string as it is, null as nothing, an array or object
// indented.
func (v Value) String() string {
	switch v.Kind {
	case KindNull:
		return ""
	case KindBool:
		if v.Bool {
			return "True"
		}
		return "False"
	case KindFloat:
		return formatFloat(v.Float)
	case KindDate:
		return v.Date.Culture()
	case KindArray, KindObject:
		return v.Indented()
	default:
		return v.Text
	}
}

type writer struct {
	strings.Builder
}

// value writes v at a depth of indentation; -1 is for none at all.
func (w *writer) value(v Value, depth int) {
	switch v.Kind {
	case KindNull:
		w.WriteString("null")
	case KindBool:
		w.WriteString(strconv.FormatBool(v.Bool))
	case KindInteger:
		w.WriteString(v.Text)
	case KindFloat:
		w.float(v.Float)
	case KindString:
		w.quote(v.Text)
	case KindDate:
		w.quote(v.Date.ISO())
	case KindArray:
		w.list('[', ']', len(v.Items), depth, func(i, depth int) { w.value(v.Items[i], depth) })
	case KindObject:
		w.list('{', '}', len(v.Members), depth, func(i, depth int) {
			w.quote(v.Members[i].Name)
			w.WriteByte(':')
			if depth >= 0 {
				w.WriteByte(' ')
			}
			w.value(v.Members[i].Value, depth)
		})
	}
}

func (w *writer) list(begin, end byte, length, depth int, element func(i, depth int)) {
	w.WriteByte(begin)
	inner := depth
	if depth >= 0 {
		inner++
	}
	for i := range length {
		if i > 0 {
			w.WriteByte(',')
		}
		w.line(inner)
		element(i, inner)
	}
	if length > 0 {
		w.line(depth)
	}
	w.WriteByte(end)
}

func (w *writer) line(depth int) {
	if depth >= 0 {
		w.WriteByte('\n')
		w.WriteString(strings.Repeat("  ", depth))
	}
}

// float writes a number that reads as one with a fraction.
func (w *writer) float(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		w.quote(formatFloat(f))
		return
	}
	text := formatFloat(f)
	w.WriteString(text)
	if !strings.ContainsAny(text, ".E") {
		w.WriteString(".0")
	}
}

// formatFloat writes the shortest digits that read back as f, as .NET does
// since Core 3.0: in scientific notation from 1E+15 on and below 1E-04.
func formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	scientific := strconv.FormatFloat(f, 'E', -1, 64)
	_, exponent, _ := strings.Cut(scientific, "E")
	if e, err := strconv.Atoi(exponent); err == nil && (e >= 15 || e < -4) {
		return scientific
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// quote escapes what Newtonsoft.Json escapes, and nothing else: letters of any
// script, <, > and & stay as they are.
func (w *writer) quote(text string) {
	w.WriteByte('"')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch r {
		case '"', '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case '\b':
			w.WriteString(`\b`)
		case '\f':
			w.WriteString(`\f`)
		case '\n':
			w.WriteString(`\n`)
		case '\r':
			w.WriteString(`\r`)
		case '\t':
			w.WriteString(`\t`)
		case 0x85, 0x2028, 0x2029:
			w.escape(r)
		default:
			if r < 0x20 {
				w.escape(r)
			} else {
				w.WriteRune(r)
			}
		}
	}
	w.WriteByte('"')
}

func (w *writer) escape(r rune) {
	hex := strconv.FormatInt(int64(r), 16)
	w.WriteString(`\u` + strings.Repeat("0", 4-len(hex)) + hex)
}
