// Package meta reads the webhooks of Meta's WhatsApp Cloud API: it checks their
// signature, splits them into one CloudEvent for each update, and returns the
// updates as values of package conversation.
//
// The payloads are described in
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
package meta

import (
	"encoding/json/jsontext"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// The types of the CloudEvents that [Split] returns. Meta sends no CloudEvents:
// the types are this app's.
const (
	// TypeMessageReceived: data is {metadata, contact?, message}.
	TypeMessageReceived = "Meta.WhatsApp.MessageReceived"
	// TypeStatusUpdated: data is {metadata, contact?, status}.
	TypeStatusUpdated = "Meta.WhatsApp.MessageStatusUpdated"
	// TypePreferenceChanged: data is {metadata, contact?, preference}.
	TypePreferenceChanged = "Meta.WhatsApp.UserPreferenceChanged"
	// TypeChannelEvent: data is {field, value}. It is any other field of a webhook.
	TypeChannelEvent = "Meta.WhatsApp.ChannelEvent"
)

// channelType is the type of every channel: the Cloud API has no other.
const channelType = "whatsapp"

var errNoData = errors.New("the event has no data, or data that is not an object")

// object returns the event's data, which must be an object.
func object(event messaging.CloudEvent) (lenient.Value, error) {
	data, _ := event.Data.(lenient.Value)
	if data.Kind() != jsontext.KindBeginObject {
		return "", errNoData
	}
	return data, nil
}

// published returns the time of the event, which is that of its update.
func published(event messaging.CloudEvent) conversation.Time {
	if event.Time == nil {
		return conversation.Time{}
	}
	return conversation.At(*event.Time)
}

// channel returns the business number that received or sent a message.
func channel(data lenient.Fields) conversation.Channel {
	metadata := data.Get("metadata").Fields()
	return conversation.Channel{Type: channelType, ID: text(metadata.Get("phone_number_id"))}
}

// text returns an id or a name, without white space around it.
func text(value lenient.Value) string { return strings.TrimSpace(value.Text()) }

// timestamp returns the time of an update, in seconds since 1970. Meta writes it
// as a string; some senders write a number, or milliseconds.
func timestamp(value lenient.Value) (time.Time, bool) {
	number, err := strconv.ParseInt(text(value), 10, 64)
	if err != nil || number <= 0 {
		return time.Time{}, false
	}
	if number >= 1e11 { // in seconds, that is the year 5138
		return time.UnixMilli(number).UTC(), number < maxMilliseconds
	}
	return time.Unix(number, 0).UTC(), true
}

// maxMilliseconds is the end of the year 9999.
const maxMilliseconds = 253_402_300_800_000

func timeOf(value lenient.Value) conversation.Time {
	t, ok := timestamp(value)
	if !ok {
		return conversation.Time{}
	}
	return conversation.At(t)
}

// firstError returns the first of the errors of a message or status.
func firstError(errors lenient.Value) *conversation.Error {
	for element := range errors.Elements() {
		fields := element.Fields()
		e := conversation.Error{Code: text(fields.Get("code")), Message: errorText(fields)}
		if e != (conversation.Error{}) {
			return &e
		}
	}
	return nil
}

// errorText returns the explanation of an error. Meta promises to keep the
// details; title and message may change.
func errorText(fields lenient.Fields) string {
	details := fields.Get("error_data").Fields()
	for _, text := range []string{
		details.Get("details").Text(),
		fields.Get("message").Text(),
		fields.Get("title").Text(),
	} {
		if text != "" {
			return text
		}
	}
	return ""
}
