package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// preferenceOutputs are the outputs of preferences, as function.json names them.
var preferenceOutputs = []bridge.Output{
	{Name: "preferences", Kind: bridge.Queue},
}

// preferenceChanged is the type of the queue message about a preference.
const preferenceChanged = "conversation.contact.preference.v1"

// writePreference writes a person's preference: a queue message.
func writePreference(event *messaging.CloudEvent, p *conversation.Preference, _ Settings, results *bridge.Results) *bridge.Rejection {
	var leftOut []string
	if to := results.New("preferences"); to != nil {
		message := record.Message{
			Type: preferenceChanged, ID: p.ID(), Subject: p.Contact.Identities()[0], Time: p.Published, Event: event,
			Data: func(to *quoted.Text) { preferenceData(to, p) }, Raw: p.Raw,
		}
		parts, err := message.Encode(to)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		leftOut = parts
	}
	results.Count("preferences", preferenceForLog(p))
	return bridge.WrittenWithout(leftOut)
}

// preferenceForLog returns the name under which the log counts a preference.
func preferenceForLog(p *conversation.Preference) string {
	switch p.Value {
	case conversation.PreferenceStop, conversation.PreferenceResume:
		return p.Value
	default:
		return "other"
	}
}

// preferenceData writes the data of the queue message. The files in schema/ describe
// the fields; within version 1 fields may be added, never changed or removed.
func preferenceData(to *quoted.Text, p *conversation.Preference) {
	to.String("eventId", p.EventID)
	channelData(to, p.Channel)
	to.Strings("conversations", record.Conversations(p.Channel, p.Contact))
	participantData(to, "contact", p.Contact)
	to.String("category", p.Category)
	to.String("value", p.Value)
	to.String("occurredAt", p.Time().String())
}
