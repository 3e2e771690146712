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

// unknownChannel is the type of a channel that the event does not name.
const unknownChannel = "unknown"

var errNoData = errors.New("the event has no data")

// object is the event's data, which must be an object.
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
		return "text"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginArray:
		return "an array"
	default:
		return "a truth value"
	}
}

// ifObject reads an object into a new T, member by member. It returns nil for
// any other value (null is how an absent object is often written) and for an
// object that sets nothing.
func ifObject[T comparable](value lenient.Value, set func(into *T, name string, value lenient.Value)) *T {
	if value.Kind() != jsontext.KindBeginObject {
		return nil
	}
	into, empty := new(T), *new(T)
	for name, value := range value.Members() {
		set(into, name, value)
	}
	if *into == empty {
		return nil
	}
	return into
}

func published(event messaging.CloudEvent) conversation.Time {
	if event.Time == nil {
		return conversation.Time{}
	}
	return conversation.At(*event.Time)
}

func channelType(value lenient.Value) string {
	text := strings.ToLower(strings.TrimSpace(value.Text()))
	if text == "" {
		return unknownChannel
	}
	return text
}

func channelID(value lenient.Value) string {
	return conversation.LowerGUID(strings.TrimSpace(value.Text()))
}

func messageID(value lenient.Value) string {
	return conversation.LowerGUID(strings.TrimSpace(value.Text()))
}

func timestamp(value lenient.Value) conversation.Time {
	t, ok := lenient.Time(value.Text())
	if !ok {
		return conversation.Time{}
	}
	return conversation.At(t)
}

// channelError reads the error object, both of whose members may be missing.
func channelError(value lenient.Value) *conversation.Error {
	return ifObject(value, func(e *conversation.Error, name string, value lenient.Value) {
		switch name {
		case "channelCode":
			e.Code = strings.TrimSpace(value.Text())
		case "channelMessage":
			e.Message = value.Text()
		}
	})
}
