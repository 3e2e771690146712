package quoted

import "encoding/json/jsontext"

// plain are the bytes that stand in a JSON string as they are. All others are
// in once, as they stand in a JSON string, and in twice, as they stand in one
// that is inside of another.
var (
	once  = escapes(1)
	twice = escapes(2)
	plain = plainBytes()
)

// mustEscape reports what a JSON string may not hold
// (RFC 8259, section 7). Text is UTF-8, so all of it are bytes of their own.
func mustEscape(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

func escapes(times int) (table [256]string) {
	for c := range table {
		if !mustEscape(byte(c)) {
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

func plainBytes() (table [256]bool) {
	for c := range table {
		table[c] = !mustEscape(byte(c))
	}
	return table
}

func append1(to []byte, text string) []byte { return appendEscaped(to, text, &once) }

func append2(to []byte, text string) []byte { return appendEscaped(to, text, &twice) }

func appendEscaped(to []byte, text string, escapes *[256]string) []byte {
	for {
		n := 0
		for n < len(text) && plain[text[n]] {
			n++
		}
		to = append(to, text[:n]...)
		if n == len(text) {
			return to
		}
		to = append(to, escapes[text[n]]...)
		text = text[n+1:]
	}
}
