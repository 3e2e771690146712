package dotnet

import (
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func (r *reader) name() (string, error) {
	if c := r.peek(); c == '"' || c == '\'' {
		return r.quoted()
	}
	start := r.at
	for !r.end() {
		c, size := utf8.DecodeRuneInString(r.text[r.at:])
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '$' {
			break
		}
		r.at += size
	}
	if r.at == start {
		return "", r.unexpected("a member's name")
	}
	return r.text[start:r.at], nil
}

func (r *reader) quoted() (string, error) {
	quote := r.peek()
	r.at++
	var text []uint16 // UTF-16, for an escape may say half a character
	for {
		if r.end() {
			return "", r.unexpected("a closing quote")
		}
		c, size := utf8.DecodeRuneInString(r.text[r.at:])
		r.at += size
		switch c {
		case rune(quote):
			return string(utf16.Decode(text)), nil
		case '\\':
			unit, err := r.escape()
			if err != nil {
				return "", err
			}
			text = append(text, unit)
		default:
			text = utf16.AppendRune(text, c)
		}
	}
}

// escape reads what follows a backslash.
func (r *reader) escape() (uint16, error) {
	c := r.peek()
	switch c {
	case 'b':
		c = '\b'
	case 't':
		c = '\t'
	case 'n':
		c = '\n'
	case 'f':
		c = '\f'
	case 'r':
		c = '\r'
	case '\\', '"', '\'', '/':
	case 'u':
		if len(r.text) < r.at+5 {
			r.at = len(r.text)
			return 0, r.unexpected("four hexadecimal digits")
		}
		unit, err := strconv.ParseUint(r.text[r.at+1:r.at+5], 16, 16)
		if err != nil {
			return 0, r.unexpected("four hexadecimal digits")
		}
		r.at += 5
		return uint16(unit), nil
	default:
		return 0, r.unexpected("an escaped character")
	}
	r.at++
	return uint16(c), nil
}
