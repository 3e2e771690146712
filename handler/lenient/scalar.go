package lenient

import (
	"encoding/json/jsontext"
	"strings"
)

// Text returns a string as it reads, a number or truth value as it is written,
// and "" for anything else. A lone surrogate becomes U+FFFD. A whole number
// loses the ".0" that the host writes behind one it took for a decimal.
func Text(value jsontext.Value) string {
	switch value.Kind() {
	case jsontext.KindString:
		return string(Unquote(value))
	case jsontext.KindNumber:
		return strings.TrimSuffix(string(value), ".0")
	case jsontext.KindTrue, jsontext.KindFalse:
		return string(value)
	default:
		return ""
	}
}

// Unquote returns what a JSON string says, in UTF-8.
func Unquote(value jsontext.Value) []byte {
	// The only errors left for a whole string are broken UTF-8 and lone
	// surrogates; they come with the text in which U+FFFD stands for them.
	text, _ := jsontext.AppendUnquote(nil, value)
	return text
}

// Bool returns a truth value, also one that is written as text, and whether
// there was one.
func Bool(value jsontext.Value) (truth, ok bool) {
	switch strings.ToLower(strings.TrimSpace(Text(value))) {
	case "true":
		return true, true
	case "false":
		return false, true
	default:
		return false, false
	}
}
