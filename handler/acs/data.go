package acs

import (
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// unknownChannel is the channel type of an event that names none.
const unknownChannel = "unknown"

var errNoData = errors.New("the event has no data")

// object returns the event's data, which must be an object.
func object(event messaging.CloudEvent) (lenient.Value, error) {
	data, _ := event.Data.(lenient.Value)
	if data == "" {
		return "", errNoData
	}
	if data.Kind() != jsontext.KindBeginObject {
		return "", fmt.Errorf("data is %s, not an object", kindName(data.Kind()))
	}
	return data, nil
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginArray:
		return "an array"
	default:
		return "a boolean"
	}
}

// unlessZero returns a pointer to value, or nil if nothing in it is set: an
// absent object is often written as null or {}.
func unlessZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	set := value // only this copy is allocated
	return &set
}

func published(event messaging.CloudEvent) conversation.Time {
	if event.Time == nil {
		return conversation.Time{}
	}
	return conversation.At(*event.Time)
}

func channel(channelType, id lenient.Value) conversation.Channel {
	name := strings.ToLower(strings.TrimSpace(channelType.Text()))
	if name == "" {
		name = unknownChannel
	}
	return conversation.Channel{Type: name, ID: guid(id)}
}

// guid returns the id of a channel or message.
func guid(id lenient.Value) string {
	return conversation.LowerGUID(strings.TrimSpace(id.Text()))
}

// receivedAt returns the time that every payload has. TypeSpec spells the field
// receivedTimeStamp.
func receivedAt(data *lenient.Fields) conversation.Time {
	for _, name := range [...]string{"receivedTimestamp", "receivedTimeStamp"} {
		if t, ok := lenient.Time(data.Get(name).Text()); ok {
			return conversation.At(t)
		}
	}
	return conversation.Time{}
}

// channelError returns the error in the data. Its fields are channelCode and
// channelMessage, both optional; one SDK writes code and message. Meta, and
// programs that pass on its webhooks, have an array called errors.
func channelError(data *lenient.Fields) *conversation.Error {
	for _, name := range [...]string{"error", "errors"} {
		value := data.Get(name)
		for element := range value.Elements() {
			if e := errorIn(element); e != nil {
				return e
			}
		}
		if e := errorIn(value); e != nil {
			return e
		}
	}
	return nil
}

func errorIn(value lenient.Value) *conversation.Error {
	fields := value.Fields()
	return unlessZero(conversation.Error{
		Code:    strings.TrimSpace(firstText(&fields, "channelCode", "code")),
		Message: firstText(&fields, "channelMessage", "message", "title"),
	})
}

// firstText returns the first text that is not empty.
func firstText(fields *lenient.Fields, names ...string) string {
	for _, name := range names {
		if text := fields.Get(name).Text(); text != "" {
			return text
		}
	}
	return ""
}
