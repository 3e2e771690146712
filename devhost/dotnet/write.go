package dotnet

import (
	"math"
	"strconv"
	"strings"
)

// Compact returns the value as JSON without spaces (Formatting.None).
func (v Value) Compact() string {
	var text strings.Builder
	v.write(&text, "")
	return text.String()
}

// Indented returns the value as JSON on several lines (Formatting.Indented), as
// the host writes an object to a queue.
func (v Value) Indented() string {
	var text strings.Builder
	v.write(&text, "\n")
	return text.String()
}

// String returns the value as .NET converts it to text (JValue.ToString, in the
// invariant culture): null becomes "", an array or object is indented.
func (v Value) String() string {
	switch v.Kind {
	case KindNull, KindUndefined:
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

// write appends the value. line is what starts a new line, with the value's own
// indentation, or "" for compact JSON.
func (v Value) write(to *strings.Builder, line string) {
	switch v.Kind {
	case KindNull:
		to.WriteString("null")
	case KindUndefined:
		to.WriteString("undefined")
	case KindBool:
		to.WriteString(strconv.FormatBool(v.Bool))
	case KindInteger:
		to.WriteString(v.Text)
	case KindFloat:
		to.WriteString(jsonFloat(v.Float))
	case KindString:
		to.WriteString(quote(v.Text))
	case KindDate:
		to.WriteString(quote(v.Date.ISO()))
	case KindArray:
		writeList(to, "[]", line, v.Items, func(item Value, line string) { item.write(to, line) })
	case KindObject:
		colon := ":"
		if line != "" {
			colon = ": "
		}
		writeList(to, "{}", line, v.Fields, func(field Field, line string) {
			to.WriteString(quote(field.Name) + colon)
			field.Value.write(to, line)
		})
	}
}

func writeList[E any](to *strings.Builder, brackets, line string, elements []E, write func(e E, line string)) {
	to.WriteByte(brackets[0])
	inner := line
	if line != "" {
		inner += "  "
	}
	for i, e := range elements {
		if i > 0 {
			to.WriteByte(',')
		}
		to.WriteString(inner)
		write(e, inner)
	}
	if len(elements) > 0 {
		to.WriteString(line)
	}
	to.WriteByte(brackets[1])
}

// jsonFloat writes a number that reads back as a double: with a decimal point
// or an exponent.
func jsonFloat(f float64) string {
	text := formatFloat(f)
	switch {
	case math.IsInf(f, 0) || math.IsNaN(f):
		return quote(text)
	case strings.ContainsAny(text, ".E"):
		return text
	default:
		return text + ".0"
	}
}
