// Package lenient reads JSON that other programs have written loosely.
//
// The Functions host, Event Grid and the tools that republish events differ in
// their JSON: a field may appear twice or with other capitals, a surrogate may
// have no partner, a number may be a string. The package returns what it can
// read and leaves out what it can't. A single odd value never causes an error.
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

// Options returns the options with which encoding/json/v2 reads and writes the
// same JSON as this package: repeated names are allowed (the last one wins), and
// so are lone surrogates; strings keep their spelling.
func Options() jsontext.Options {
	return options
}

var options = json.JoinOptions(
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	jsontext.PreserveRawStrings(true),
)

var byteOrderMark = []byte("\uFEFF")

// Clean removes a byte order mark and replaces each byte that is not UTF-8 with
// U+FFFD. It returns a part of text if nothing has to be replaced.
func Clean(text []byte) []byte {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if utf8.Valid(text) {
		return text
	}
	// One U+FFFD for each byte; bytes.ToValidUTF8 writes one for a run of bytes.
	return []byte(string([]rune(string(text))))
}

// SyntaxError reports that a text is not JSON. It quotes nothing of the text, so
// it may be logged.
type SyntaxError struct {
	// Offset is the number of bytes before the error.
	Offset int64
}

// Error implements error.
func (e SyntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d", e.Offset)
}

// Parse returns the JSON value in text, on which [Clean] must have been called.
// The error is a [SyntaxError] if text is not exactly one value.
func Parse(text []byte) (Value, error) {
	if !jsontext.Value(text).IsValid(options) {
		return "", syntaxError(text)
	}
	return Value(bytes.Trim(text, " \t\r\n")), nil
}

// syntaxError finds the error in a text that is not JSON.
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
