// Package quoted writes JSON objects inside JSON strings, as queue messages and
// rows are in the answer to the Functions host:
//
//	["{\"PartitionKey\":\"…\"}","…"]
//
// A text is escaped while it is written. json.Marshal of a struct, whose result is
// then quoted, was tried: the queue message of a text takes 5.7 µs instead of
// 0.9 µs. Even with the fields appended by hand, quoting the result afterwards
// brings a batch of 100 events from 0.3 down to 0.22 of the requests that a bare
// server answers.
package quoted

import (
	"bytes"
	"strconv"
)

// Text is the content of JSON strings, each of which holds one object. A field
// without a value is left out.
type Text struct {
	bytes []byte
}

// Bytes returns what has been written, in its escaped form.
func (t *Text) Bytes() []byte { return t.bytes }

// Len returns the length of Bytes.
func (t *Text) Len() int { return len(t.bytes) }

// Cap returns the size of the memory that the text uses.
func (t *Text) Cap() int { return cap(t.bytes) }

// Truncate removes what was written after Len was length.
func (t *Text) Truncate(length int) { t.bytes = t.bytes[:length] }

// NextString ends a string and starts the next one.
func (t *Text) NextString() { t.bytes = append(t.bytes, `","`...) }

// Size returns the size, without its escaping, of what was written after Len was
// length.
func (t *Text) Size(length int) int {
	size := 0
	for text := t.bytes[length:]; len(text) > 0; size++ {
		switch {
		case text[0] != '\\':
			text = text[1:]
		case text[1] == 'u':
			text = text[len(`\u0000`):]
		default:
			text = text[len(`\n`):]
		}
	}
	return size
}

// Begin starts an object.
func (t *Text) Begin() { t.bytes = append(t.bytes, '{') }

// End ends an object.
func (t *Text) End() { t.bytes = append(t.bytes, '}') }

// String writes a string, unless it is "". It must be UTF-8.
func (t *Text) String(name, value string) {
	if value != "" {
		t.name(name)
		t.quote(value)
	}
}

// Strings writes an array of strings.
func (t *Text) Strings(name string, values []string) {
	t.name(name)
	t.bytes = append(t.bytes, '[')
	for i, value := range values {
		if i > 0 {
			t.bytes = append(t.bytes, ',')
		}
		t.quote(value)
	}
	t.bytes = append(t.bytes, ']')
}

// Int writes an integer.
func (t *Text) Int(name string, value int) {
	t.name(name)
	t.bytes = strconv.AppendInt(t.bytes, int64(value), 10)
}

// Number writes a number, without a decimal point if it is an integer.
func (t *Text) Number(name string, value float64) {
	t.name(name)
	t.bytes = strconv.AppendFloat(t.bytes, value, 'f', -1, 64)
}

// Float writes a number with a decimal point: a table's column has the type double
// only then.
func (t *Text) Float(name string, value float64) {
	start := len(t.bytes)
	t.Number(name, value)
	if !bytes.ContainsRune(t.bytes[start:], '.') {
		t.bytes = append(t.bytes, ".0"...)
	}
}

// Bool writes a boolean.
func (t *Text) Bool(name string, value bool) {
	t.name(name)
	t.bytes = strconv.AppendBool(t.bytes, value)
}

// True writes true, unless the value is false.
func (t *Text) True(name string, value bool) {
	if value {
		t.Bool(name, true)
	}
}

// Object writes an object with the fields that write writes.
func (t *Text) Object(name string, write func()) {
	t.name(name)
	t.Begin()
	write()
	t.End()
}

// Objects writes an array of so many objects, with the fields that write writes.
func (t *Text) Objects(name string, number int, write func(i int)) {
	t.name(name)
	t.bytes = append(t.bytes, '[')
	for i := range number {
		if i > 0 {
			t.bytes = append(t.bytes, ',')
		}
		t.Begin()
		write(i)
		t.End()
	}
	t.bytes = append(t.bytes, ']')
}

// JSON writes a value that is JSON already.
func (t *Text) JSON(name, value string) {
	t.name(name)
	t.bytes = appendEscaped(t.bytes, value, &once)
}

// name writes the name of a field, which must need no escaping.
func (t *Text) name(name string) {
	if t.bytes[len(t.bytes)-1] != '{' {
		t.bytes = append(t.bytes, ',')
	}
	t.bytes = append(t.bytes, `\"`...)
	t.bytes = append(t.bytes, name...)
	t.bytes = append(t.bytes, `\":`...)
}

func (t *Text) quote(value string) {
	t.bytes = append(t.bytes, `\"`...)
	t.bytes = appendEscaped(t.bytes, value, &twice)
	t.bytes = append(t.bytes, `\"`...)
}
