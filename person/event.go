package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/meta"
)

// readEvent returns the parties of a provider's event, read as the app reads it.
// They are empty if it can't be read or names nobody.
func readEvent(text []byte) (i parties) {
	value, err := lenient.Parse(lenient.Clean(text))
	if err != nil {
		return i
	}
	event, err := eventgrid.Decode(value)
	if err != nil {
		return i
	}
	message := func(m conversation.Message, err error) parties {
		return parties{people: []conversation.Participant{m.From}, channel: m.Channel.ID, messageID: m.MessageID, eventID: m.EventID}
	}
	status := func(s conversation.Status, err error) parties {
		people := []conversation.Participant{s.To}
		if s.Participant != nil {
			people = append(people, *s.Participant)
		}
		return parties{people: people, channel: s.Channel.ID, messageID: s.MessageID, eventID: s.EventID}
	}
	switch {
	case strings.EqualFold(event.Type, acs.TypeMessageReceived):
		return message(acs.Message(event))
	case strings.EqualFold(event.Type, acs.TypeStatusUpdated):
		return status(acs.Status(event))
	case strings.EqualFold(event.Type, meta.TypeMessageReceived):
		return message(meta.Message(event))
	case strings.EqualFold(event.Type, meta.TypeStatusUpdated):
		return status(meta.Status(event))
	case strings.EqualFold(event.Type, meta.TypePreferenceChanged):
		p, _ := meta.Preference(event)
		return parties{people: []conversation.Participant{p.Contact}, channel: p.Channel.ID, eventID: p.EventID}
	default:
		return i
	}
}

// tolerant accepts JSON that other programs may have written wrongly.
var tolerant = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// identity is a person in a queue message.
type identity struct {
	Phone string `json:"phone"`
	BSUID string `json:"bsuid"`
}

// readMessage returns the parties of a queue message, a CloudEvent of the app. They
// are empty if it can't be read or names nobody.
func readMessage(text []byte) (i parties) {
	var message struct {
		Data struct {
			EventID   string `json:"eventId"`
			MessageID string `json:"messageId"`
			Channel   struct {
				ID string `json:"id"`
			} `json:"channel"`
			From        identity `json:"from"`
			To          identity `json:"to"`
			Contact     identity `json:"contact"`
			Participant identity `json:"participant"`
			Media       struct {
				Blob string `json:"blob"`
			} `json:"media"`
			Blob string `json:"blob"`
		} `json:"data"`
	}
	if json.Unmarshal(text, &message, tolerant) != nil {
		return i
	}
	data := message.Data
	i = parties{channel: data.Channel.ID, messageID: data.MessageID, eventID: data.EventID, file: data.Media.Blob + data.Blob}
	for _, one := range []identity{data.From, data.To, data.Contact, data.Participant} {
		i.people = append(i.people, conversation.Participant{Phone: one.Phone, BSUID: one.BSUID})
	}
	return i
}
