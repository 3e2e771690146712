package lenient

import (
	"encoding/json/jsontext"
	"strings"
)

// Text returns the text of a string, the JSON of a number or boolean, and "" for
// any other value. A lone surrogate becomes U+FFFD. An integer loses the ".0"
// that the Functions host adds to a number that it takes for a decimal.
func (v Value) Text() string {
	switch v.Kind() {
	case jsontext.KindString:
		return v.unquoted()
	case jsontext.KindNumber:
		return strings.TrimSuffix(string(v), ".0")
	case jsontext.KindTrue, jsontext.KindFalse:
		return string(v)
	default:
		return ""
	}
}

// Bool returns a boolean, which may be written as a string, and whether the
// value is one.
func (v Value) Bool() (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(v.Text())) {
	case "true":
		return true, true
	case "false":
		return false, true
	default:
		return false, false
	}
}

// unquoted returns the text of a string. Without an escape sequence it is a part
// of the value.
func (v Value) unquoted() string {
	inside := string(v[1 : len(v)-1])
	if strings.IndexByte(inside, '\\') < 0 {
		return inside
	}
	return string(AppendUnquoted(nil, v))
}

// AppendUnquoted appends the text of a JSON string, in UTF-8.
func AppendUnquoted[Text ~[]byte | ~string](to []byte, quoted Text) []byte {
	// Lone surrogates are the only error in a valid JSON string. The result is
	// complete then too, with U+FFFD for each of them.
	to, _ = jsontext.AppendUnquote(to, quoted)
	return to
}
