package bridge

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// QueueMessage is the message of a queue trigger (QueueTriggerBinding.cs).
type QueueMessage struct {
	storage.Message
	// Queue is the name of the queue.
	Queue string
	// Binary passes the message as bytes (dataType binary), otherwise as text.
	Binary bool
}

// ErrNotUTF8 reports a message that the host can't pass as text. It fails the
// invocation without a call of the handler.
var ErrNotUTF8 = errors.New("the queue message is not UTF-8: the host fails the invocation and does not call the handler")

// Check returns [ErrNotUTF8] if the message can't be passed.
func (m *QueueMessage) Check() error {
	if !m.Binary && !utf8.Valid(m.Body) {
		return ErrNotUTF8
	}
	return nil
}

// Value returns the message as the trigger's value: its text, or its bytes in
// base64.
func (m *QueueMessage) Value() dotnet.Value {
	if m.Binary {
		return dotnet.NewString(base64.StdEncoding.EncodeToString(m.Body))
	}
	return dotnet.NewString(dotnet.DecodeUTF8(m.Body))
}

// fields returns the fields of a message whose text is a JSON object: they are
// binding data too.
func (m *QueueMessage) fields() []dotnet.Field {
	if m.Binary {
		return nil
	}
	return bodyData(string(m.Body))
}

// property is a property of a message: its value in Metadata, and the string
// that replaces it in a binding expression.
type property struct {
	name       string
	passed     dotnet.Value
	expression string
}

// properties returns the properties. A message that a person typed has neither an
// id nor a receipt.
func (m *QueueMessage) properties() []property {
	text := func(name, value string) property {
		return property{name, pass(dotnet.NewString(value)), value}
	}
	at := func(name string, t time.Time) property {
		return property{name, dotnet.NewString(t.UTC().Format("2006-01-02T15:04:05-07:00")), t.UTC().Format("01/02/2006 15:04:05 -07:00")}
	}
	count := dotnet.NewInteger(m.DequeueCount)
	all := []property{
		{"DequeueCount", pass(count), count.Text}, at("ExpirationTime", m.Expires), text("Id", m.ID),
		at("InsertionTime", m.Inserted), at("NextVisibleTime", m.NextVisible), text("PopReceipt", m.Receipt),
	}
	return slices.DeleteFunc(all, func(p property) bool { return p.expression == "" })
}

// bindingData returns the properties of the message and the fields of its text.
// A field replaces a property of the same name in any case.
func (m *QueueMessage) bindingData() (data []dotnet.Field) {
	if !m.Binary {
		data = append(data, dotnet.Field{Name: "QueueTrigger", Value: m.Value()})
	}
	for _, p := range m.properties() {
		data = append(data, dotnet.Field{Name: p.name, Value: dotnet.NewString(p.expression)})
	}
	for _, field := range m.fields() {
		data = setFold(data, field)
	}
	return data
}

// metadata returns the properties, which come before sys in Metadata, and the
// other fields of the message, which come after it.
func (m *QueueMessage) metadata() (before, after []dotnet.Field) {
	for _, p := range m.properties() {
		before = append(before, dotnet.Field{Name: p.name, Value: p.passed})
	}
	for _, field := range m.fields() {
		field.Value = pass(field.Value)
		if _, ok := dotnet.NewObject(before...).Fold(field.Name); ok {
			before = setFold(before, field)
		} else if !isTriggerName(field.Name) {
			after = append(after, field)
		}
	}
	return before, after
}

// isTriggerName reports whether the host leaves a name out of Metadata
// (ScriptInvocationContextExtensions.cs).
func isTriggerName(name string) bool { return strings.HasSuffix(strings.ToLower(name), "trigger") }
