package quoted

import "encoding/json/jsontext"

// once and twice are the escape sequences of the bytes that a JSON string may not
// contain (RFC 8259, section 7), and "" for all others: those in a string, and
// those in a string inside a string.
var (
	once  = escapes(1)
	twice = escapes(2)
)

func escapes(times int) (table [256]string) {
	for c := range table {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		escape := string(rune(c))
		for range times {
			quoted, _ := jsontext.AppendQuote(nil, escape)
			escape = string(quoted[1 : len(quoted)-1])
		}
		table[c] = escape
	}
	return table
}

// appendEscaped appends text, which must be UTF-8, with these escape sequences.
func appendEscaped(to []byte, text string, escapes *[256]string) []byte {
	start := 0
	for i := range len(text) {
		if escape := escapes[text[i]]; escape != "" {
			to = append(to, text[start:i]...)
			to = append(to, escape...)
			start = i + 1
		}
	}
	return append(to, text[start:]...)
}
