package testcase

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// rewrite copies JSON. It passes each string and number to change, with the name of
// its field, also from inside an array; and each name, without a field. Everything
// else is unchanged.
func rewrite(value jsontext.Value, out io.Writer, change func(field, text string) string) error {
	options := append([]jsontext.Options{jsontext.PreserveRawStrings(true)}, loose...)
	decoder := jsontext.NewDecoder(bytes.NewReader(value), options...)
	encoder := jsontext.NewEncoder(out, options...)
	for {
		if kind := decoder.PeekKind(); kind == jsontext.KindString || kind == jsontext.KindNumber {
			if err := rewriteScalar(decoder, encoder, change); err != nil {
				return err
			}
			continue
		}
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = encoder.WriteToken(token)
		}
		if err != nil {
			return err
		}
	}
}

func rewriteScalar(decoder *jsontext.Decoder, encoder *jsontext.Encoder, change func(field, text string) string) error {
	raw, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	isText := raw.Kind() == jsontext.KindString
	text := plainNumber(raw)
	if isText {
		unquoted, _ := jsontext.AppendUnquote(nil, raw)
		text = string(unquoted)
	}
	changed := change(fieldOf(decoder), text)
	switch {
	case changed == text:
	case isText:
		if raw, err = jsontext.AppendQuote(nil, changed); err != nil {
			return err
		}
	case strings.Trim(changed, "0123456789") == "":
		raw = jsontext.Value(changed)
	}
	return encoder.WriteValue(raw)
}

// plainNumber returns a number without exponent, if it could be a phone number.
func plainNumber(raw jsontext.Value) string {
	if f, err := strconv.ParseFloat(string(raw), 64); err == nil && f == math.Trunc(f) && f > 0 && f < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return string(raw)
}

// fieldOf returns the name of the field whose value, or an element of it, the
// decoder has just read; "" after a name.
func fieldOf(decoder *jsontext.Decoder) string {
	depth := decoder.StackDepth()
	kind, length := decoder.StackIndex(depth)
	if kind == jsontext.KindBeginObject && length%2 == 1 {
		return ""
	}
	pointer := decoder.StackPointer()
	for kind == jsontext.KindBeginArray {
		pointer = pointer.Parent()
		depth--
		kind, _ = decoder.StackIndex(depth)
	}
	if kind != jsontext.KindBeginObject {
		return ""
	}
	return pointer.LastToken()
}
