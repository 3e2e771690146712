package lenient

import (
	"encoding/json/jsontext"
	"strings"
)

// Text returns a string as it reads, a number or truth value as it is written,
// and "" for anything else. A lone surrogate becomes U+FFFD. A whole number
// loses the ".0" that the host writes behind one it took for a decimal.
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

// Bool returns a truth value, also one that is written as text, and whether
// there was one.
func (v Value) Bool() (truth, ok bool) {
	switch strings.ToLower(strings.TrimSpace(v.Text())) {
	case "true":
		return true, true
	case "false":
		return false, true
	default:
		return false, false
	}
}

// unquoted is what a string says. Without an escape in it that is a part of
// the string.
func (v Value) unquoted() string {
	inside := string(v[1 : len(v)-1])
	if strings.IndexByte(inside, '\\') < 0 {
		return inside
	}
	return string(AppendUnquoted(nil, v))
}

// AppendUnquoted appends what a JSON string says, in UTF-8.
func AppendUnquoted[Text ~[]byte | ~string](to []byte, quoted Text) []byte {
	// The only errors left for a whole string are broken UTF-8 and lone
	// surrogates; they come with the text in which U+FFFD stands for them.
	to, _ = jsontext.AppendUnquote(to, quoted)
	return to
}
