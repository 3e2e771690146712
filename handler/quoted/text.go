// Package quoted writes JSON that stands inside of a JSON string, as queue
// messages and rows do in the answer to the Functions host:
//
//	["{\"PartitionKey\":\"…\"}","…"]
//
// It is written quoted from the start: to build it first and quote it
// afterwards would go over every byte twice, and over an event that is a column
// of a row three times.
package quoted

import "strconv"

// Text is the inside of JSON strings. What is written to it must be in order, as
// with any encoder: it sees to quotes and commas, and to nothing else.
type Text struct {
	bytes []byte
}

// Bytes are what has been written, as it stands in the answer.
func (t *Text) Bytes() []byte { return t.bytes }

// Len is how many bytes have been written.
func (t *Text) Len() int { return len(t.bytes) }

// Truncate takes back what was written after Len was n.
func (t *Text) Truncate(n int) { t.bytes = t.bytes[:n] }

// Cut ends one string and starts the next.
func (t *Text) Cut() { t.bytes = append(t.bytes, `","`...) }

// Size is how many bytes what was written after Len was n has once it is
// unquoted.
func (t *Text) Size(n int) int {
	size := 0
	for text := t.bytes[n:]; len(text) > 0; size++ {
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

// BeginObject starts an object.
func (t *Text) BeginObject() { t.bytes = append(t.bytes, '{') }

// EndObject ends it.
func (t *Text) EndObject() { t.bytes = append(t.bytes, '}') }

// BeginArray starts an array.
func (t *Text) BeginArray() { t.bytes = append(t.bytes, '[') }

// EndArray ends it.
func (t *Text) EndArray() { t.bytes = append(t.bytes, ']') }

// Name writes the name of a member, in which nothing needs to be escaped.
func (t *Text) Name(name string) {
	t.Next()
	t.bytes = append(t.bytes, `\"`...)
	t.bytes = append(t.bytes, name...)
	t.bytes = append(t.bytes, `\":`...)
}

// Next starts an element of an array. Members do so by their names.
func (t *Text) Next() {
	if last := t.bytes[len(t.bytes)-1]; last != '{' && last != '[' {
		t.bytes = append(t.bytes, ',')
	}
}

// String writes a string that says text, which must be UTF-8.
func (t *Text) String(text string) {
	t.bytes = append(t.bytes, `\"`...)
	t.bytes = append2(t.bytes, text)
	t.bytes = append(t.bytes, `\"`...)
}

// Int writes a whole number.
func (t *Text) Int(number int) { t.bytes = strconv.AppendInt(t.bytes, int64(number), 10) }

// Bool writes a truth value.
func (t *Text) Bool(truth bool) { t.bytes = strconv.AppendBool(t.bytes, truth) }

// JSON writes a value, or a whole text, that is written in JSON already.
func (t *Text) JSON(value string) { t.bytes = append1(t.bytes, value) }
