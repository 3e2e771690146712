// Package record encodes what consumers read, within the limits of Azure Storage:
// queue messages, which are CloudEvents, and table rows with their keys.
package record

import (
	"encoding/json/jsontext"
	"strconv"

	"whatsapp-functions/handler/conversation"
)

// Object writes a JSON object field by field. A field without a value is left
// out. The zero Object is empty.
//
// json.Marshal of a struct takes four times as long for the queue message of a
// text (4.5 µs instead of 1.1 µs) and allocates six times. A batch of 100 events
// would fall below a quarter of what a bare server handles.
type Object struct {
	text []byte
}

// Text writes a string, unless it is "".
func (o *Object) Text(name, value string) {
	if value != "" {
		o.name(name)
		o.quote(value)
	}
}

// Texts writes an array of strings.
func (o *Object) Texts(name string, values []string) {
	o.name(name)
	for i, value := range values {
		o.text = append(o.text, "[,"[min(i, 1)])
		o.quote(value)
	}
	o.text = append(o.text, ']')
}

// Time writes a time as a string, unless there is none.
func (o *Object) Time(name string, value conversation.Time) {
	if !value.IsZero() {
		o.name(name)
		o.text = append(o.text, '"')
		o.text, _ = value.AppendText(o.text)
		o.text = append(o.text, '"')
	}
}

// Int writes an integer.
func (o *Object) Int(name string, value int) {
	o.name(name)
	o.text = strconv.AppendInt(o.text, int64(value), 10)
}

// Bool writes a boolean.
func (o *Object) Bool(name string, value bool) {
	o.name(name)
	o.text = strconv.AppendBool(o.text, value)
}

// True writes true, unless the value is false.
func (o *Object) True(name string, value bool) {
	if value {
		o.Bool(name, true)
	}
}

// Object writes an object, whose fields are those that write writes.
func (o *Object) Object(name string, write func(*Object)) {
	o.name(name)
	o.text = append(o.text, '{')
	write(o)
	o.text = append(o.text, '}')
}

// JSON writes a value that is JSON already.
func (o *Object) JSON(name, value string) {
	o.name(name)
	o.text = append(o.text, value...)
}

// bytes returns the object.
func (o *Object) bytes() []byte {
	if len(o.text) == 0 {
		return []byte("{}")
	}
	return append(o.text, '}')
}

// name writes the name of a field, which needs no escaping.
func (o *Object) name(name string) {
	switch {
	case len(o.text) == 0:
		o.text = append(make([]byte, 0, 1024), '{')
	case o.text[len(o.text)-1] != '{':
		o.text = append(o.text, ',')
	}
	o.text = append(o.text, '"')
	o.text = append(o.text, name...)
	o.text = append(o.text, `":`...)
}

// quote writes a string. Invalid UTF-8 becomes U+FFFD.
func (o *Object) quote(value string) {
	o.text, _ = jsontext.AppendQuote(o.text, value)
}
