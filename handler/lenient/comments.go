package lenient

import (
	"bytes"
	"slices"
)

// StripComments returns a JSON text with spaces instead of comments (// and /* */)
// and of commas before a closing bracket. The Functions host accepts both in its
// configuration files. Offsets in the text stay the same.
func StripComments(text []byte) []byte {
	text = slices.Clone(text)
	comma := -1 // the position of a comma with only space and comments after it
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case ' ', '\t', '\r', '\n':
		case '/':
			if length := commentLength(text[at:]); length > 0 {
				copy(text[at:], bytes.Repeat([]byte(" "), length))
				at += length - 1
			}
		case ',':
			comma = at
		case ']', '}':
			if comma >= 0 {
				text[comma] = ' '
			}
			comma = -1
		case '"':
			at += stringLength(text[at:]) - 1
			comma = -1
		default:
			comma = -1
		}
	}
	return text
}

// commentLength returns the length of the comment at the start of text, and 0 if
// there is none or it does not end.
func commentLength(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("//")):
		if end := bytes.IndexAny(text, "\r\n"); end >= 0 {
			return end
		}
		return len(text)
	case bytes.HasPrefix(text, []byte("/*")):
		if end := bytes.Index(text[2:], []byte("*/")); end >= 0 {
			return 2 + end + 2
		}
	}
	return 0
}

// stringLength returns the length of the string at the start of text, which may
// lack its end.
func stringLength(text []byte) int {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}
