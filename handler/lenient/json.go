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
	"iter"
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

// newDecoder reads from data in place: of a bytes.Buffer, and of no other
// reader, the decoder's values alias what is read.
func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), options)
}

// Parse returns the one JSON value that text holds, without the space around
// it. The value aliases text. Where text holds anything else, the error is a
// [SyntaxError].
func Parse(text []byte) (jsontext.Value, error) {
	decoder := newDecoder(text)
	value, err := decoder.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, SyntaxError{Offset: decoder.InputOffset()}
	}
	return value, nil
}

func syntaxError(err error) error {
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return SyntaxError{Offset: at.ByteOffset}
	}
	return SyntaxError{}
}

// Members yields the names and values of an object in their order, repeated
// names too; of any other value it yields nothing. The object must be whole,
// as [Parse] returns it. The values alias it.
func Members(object jsontext.Value) iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		if object.Kind() != jsontext.KindBeginObject {
			return
		}
		decoder := newDecoder(object)
		_, _ = decoder.ReadToken()
		for decoder.PeekKind() == jsontext.KindString {
			name, err := decoder.ReadToken()
			if err != nil {
				return
			}
			key := name.String()
			value, err := decoder.ReadValue()
			if err != nil || !yield(key, value) {
				return
			}
		}
	}
}

// Elements yields the elements of an array; of any other value it yields
// nothing. The array must be whole, as [Parse] returns it. The elements alias
// it.
func Elements(array jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		if array.Kind() != jsontext.KindBeginArray {
			return
		}
		decoder := newDecoder(array)
		_, _ = decoder.ReadToken()
		for decoder.PeekKind() != jsontext.KindEndArray {
			value, err := decoder.ReadValue()
			if err != nil || !yield(value) {
				return
			}
		}
	}
}
