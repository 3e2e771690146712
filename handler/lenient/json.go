// Package lenient reads JSON as loosely as Azure may write it.
//
// The Functions host and Event Grid are written in other languages with other
// ideas of JSON: a name may come twice, a surrogate may come alone, a number
// may come as text. What can be understood is taken, what can't is left out;
// nothing here fails over a single value.
package lenient

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Options makes an encoder or decoder of the standard library accept repeated
// names (the last one wins) and broken text, and leave text as it was written.
func Options() jsontext.Options {
	return options
}

var options = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	jsontext.PreserveRawStrings(true),
)

var byteOrderMark = []byte("\uFEFF")

// Clean returns text without a byte order mark and with U+FFFD in the place of
// every byte that is no UTF-8. It returns text itself where there is nothing
// to mend.
func Clean(text []byte) []byte {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if utf8.Valid(text) {
		return text
	}
	// A rune for each broken byte; bytes.ToValidUTF8 makes one of a run of them.
	return []byte(string([]rune(string(text))))
}

// SyntaxError says where a text stops being JSON. Unlike the standard
// library's error it quotes nothing of the text, so it may be logged.
type SyntaxError struct {
	// Offset counts the bytes ahead of the place.
	Offset int64
}

func (e SyntaxError) Error() string {
	return fmt.Sprintf("no JSON at byte %d", e.Offset)
}

// Parse returns the one JSON value that text, as [Clean] leaves it, holds.
// Where text holds anything else, the error is a [SyntaxError].
func Parse(text []byte) (Value, error) {
	if !jsontext.Value(text).IsValid(options) {
		return "", syntaxError(text)
	}
	return Value(bytes.Trim(text, " \t\r\n")), nil
}

// syntaxError finds where text that is no JSON stops being it.
func syntaxError(text []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), options)
	_, err := decoder.ReadValue()
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return SyntaxError{Offset: at.ByteOffset}
	}
	if err == nil {
		_, err = decoder.ReadToken()
	}
	if errors.Is(err, io.EOF) {
		return SyntaxError{}
	}
	return SyntaxError{Offset: decoder.InputOffset()}
}
