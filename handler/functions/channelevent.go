package functions

import (
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// channelEventOutputs are the outputs of events of a channel, as function.json names
// them.
var channelEventOutputs = []bridge.Output{
	{Name: "channelEvents", Kind: bridge.Queue},
}

// channelEvent is the type of the queue message about an event of a channel.
const channelEvent = "channel.event.v1"

// writeChannelEvent writes an event of a channel: a queue message, if the app asks
// for it. In any case the log counts it.
func writeChannelEvent(event *messaging.CloudEvent, e *conversation.ChannelEvent, _ Settings, results *bridge.Results) *bridge.Rejection {
	var leftOut []string
	if to := results.New("channelEvents"); to != nil {
		message := record.Message{
			Type: channelEvent, ID: e.ID(), Subject: e.Field, Time: e.Published, Event: event,
			Data: func(to *quoted.Text) { to.String("field", e.Field) }, Raw: e.Value, RawName: "value",
		}
		parts, err := message.Encode(to)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		leftOut = parts
	}
	results.Count("fields", fieldForLog(e.Field))
	return bridge.WrittenWithout(leftOut)
}

// fieldName matches the names of fields that may be logged: no text of a person has
// this form.
var fieldName = regexp.MustCompile(`^[a-z]+(_[a-z]+){0,6}$`)

// fieldForLog returns the name under which the log counts a field.
func fieldForLog(field string) string {
	if len(field) <= 60 && fieldName.MatchString(field) {
		return field
	}
	return "other"
}
