package dotnet

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// DecodeUTF8 returns text with each invalid sequence replaced by one U+FFFD, as
// .NET does; string(text) has one for each byte.
func DecodeUTF8(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var valid strings.Builder
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		for c == utf8.RuneError && size < len(text) && !utf8.FullRune(text[:size+1]) {
			size++
		}
		valid.WriteRune(c)
		text = text[size:]
	}
	return valid.String()
}

// name reads a field's name, with or without quotes.
func (r *reader) name() string {
	if c := r.peek(); c == '"' || c == '\'' {
		return r.quoted()
	}
	rest := r.text[r.at:]
	length := strings.IndexFunc(rest, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '$'
	})
	if length < 0 {
		length = len(rest)
	}
	if length == 0 {
		r.expected("a field's name")
		return ""
	}
	r.at += length
	return rest[:length]
}

// quoted reads a string. It collects UTF-16, because one escape can be half of
// a character.
func (r *reader) quoted() string {
	quote := rune(r.peek())
	r.at++
	var units []uint16
	for !r.end() {
		c, size := utf8.DecodeRuneInString(r.text[r.at:])
		r.at += size
		switch c {
		case quote:
			return string(utf16.Decode(units))
		case '\\':
			units = append(units, r.escape())
		default:
			units = utf16.AppendRune(units, c)
		}
	}
	r.expected("a closing quote")
	return ""
}

// escape reads the part of an escape sequence after the backslash.
func (r *reader) escape() uint16 {
	c := r.peek()
	if c == 'u' {
		digits := r.text[r.at+1 : min(r.at+5, len(r.text))]
		unit, err := strconv.ParseUint(digits, 16, 16)
		if err != nil || len(digits) < 4 {
			r.at += 1 + len(digits)
			r.expected("four hexadecimal digits")
			return 0
		}
		r.at += 5
		return uint16(unit)
	}
	i := strings.IndexByte(`btnfr\"'/`, c)
	if i < 0 {
		r.expected("an escaped character")
		return 0
	}
	r.at++
	return uint16("\b\t\n\f\r\\\"'/"[i])
}

// quote returns text as a JSON string. Only these characters are escaped:
// letters of any script, <, > and & are not.
func quote(text string) string {
	return `"` + escapes.Replace(text) + `"`
}

var escapes = newEscapes()

func newEscapes() *strings.Replacer {
	pairs := []string{`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`}
	for c := range rune(' ') {
		pairs = append(pairs, string(c), unicodeEscape(c))
	}
	for _, c := range "\u0085\u2028\u2029" {
		pairs = append(pairs, string(c), unicodeEscape(c))
	}
	return strings.NewReplacer(pairs...)
}

func unicodeEscape(c rune) string {
	hex := strconv.FormatInt(0x10000+int64(c), 16)
	return `\u` + hex[1:]
}
