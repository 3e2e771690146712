// Package acs reads what Azure Communication Services publishes about Advanced
// Messaging and says it in the terms of package conversation. No other package
// knows the provider: to change it, replace this one.
//
// The payloads are described, with mistakes, in
// https://learn.microsoft.com/azure/event-grid/communication-services-advanced-messaging-events
// and in the TypeSpec of the Event Grid system events
// (azure-rest-api-specs, Azure.Messaging.EventGrid.SystemEvents).
package acs

import (
	"encoding/json/jsontext"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// TypeMessageReceived is the type of the events that [Message] reads.
const TypeMessageReceived = "Microsoft.Communication.AdvancedMessageReceived"

// Message reads the event of a message that a person sent. Only data that is
// no object is an error; what an object lacks or holds in an unexpected form
// is left out, and stays in Raw. OptOut is for the caller to decide.
func Message(event messaging.CloudEvent) (conversation.Message, error) {
	data, err := object(event)
	if err != nil {
		return conversation.Message{}, err
	}
	m := conversation.Message{EventID: event.ID, Published: published(event), Raw: conversation.JSON(data)}
	m.Channel.Type = unknownChannel
	var messageType string
	var misspelt conversation.Time
	for name, value := range data.Members() {
		switch name {
		case "channelType":
			m.Channel.Type = channelType(value)
		case "messageType":
			messageType = value.Text()
		case "messageId":
			m.MessageID = messageID(value)
		case "from":
			m.From.Phone = conversation.PhoneNumber(value.Text())
		case "fromBSUID":
			m.From.BSUID = strings.TrimSpace(value.Text())
		case "to":
			m.Channel.ID = channelID(value)
		case "receivedTimestamp":
			m.ReceivedAt = timestamp(value)
		case "receivedTimeStamp": // as the TypeSpec has it
			misspelt = timestamp(value)
		case "content":
			m.Text = value.Text()
		case "media":
			m.Media = media(value)
		case "context":
			m.ReplyTo = reference(value)
		case "button":
			m.Button = button(value)
		case "interactive":
			m.Choice = choice(value)
		case "reaction":
			m.Reaction = reaction(value)
		case "error":
			m.Error = channelError(value)
		}
	}
	if m.ReceivedAt.IsZero() {
		m.ReceivedAt = misspelt
	}
	m.Kind = kind(messageType, &m)
	m.Complete()
	return m, nil
}

// kind is the message's own word for what it is or, in the payloads of 2023
// that have none, what its content shows.
func kind(messageType string, m *conversation.Message) conversation.Kind {
	if messageType != "" {
		return named(messageType)
	}
	switch {
	case m.Reaction != nil:
		return conversation.KindReaction
	case m.Choice != nil:
		return conversation.KindInteractive
	case m.Button != nil:
		return conversation.KindButton
	case m.Media != nil:
		return mediaKind(m.Media)
	case m.Text != "":
		return conversation.KindText
	default:
		return conversation.KindUnsupported
	}
}

// named is the kind that ACS calls messageType, in whatever case. A type that
// ACS has no field for (location, contacts, order, system, …) is unsupported.
func named(messageType string) conversation.Kind {
	switch kind := conversation.Kind(strings.ToLower(strings.TrimSpace(messageType))); kind {
	case conversation.KindText, conversation.KindImage, conversation.KindVideo,
		conversation.KindAudio, conversation.KindDocument, conversation.KindSticker,
		conversation.KindButton, conversation.KindInteractive, conversation.KindReaction:
		return kind
	default:
		return conversation.KindUnsupported
	}
}

func mediaKind(m *conversation.Media) conversation.Kind {
	family, rest, _ := strings.Cut(strings.ToLower(m.MIMEType), "/")
	switch {
	case m.Animated != nil || family == "image" && rest == "webp":
		// WhatsApp takes WebP for stickers only.
		return conversation.KindSticker
	case family == "image":
		return conversation.KindImage
	case family == "video":
		return conversation.KindVideo
	case family == "audio":
		return conversation.KindAudio
	default:
		return conversation.KindDocument
	}
}

func media(value lenient.Value) *conversation.Media {
	return ifObject(value, func(m *conversation.Media, name string, value lenient.Value) {
		switch name {
		case "id":
			m.ID = value.Text()
		case "mimeType":
			m.MIMEType = value.Text()
		case "fileName":
			m.FileName = value.Text()
		case "caption":
			m.Caption = value.Text()
		case "animated":
			// The documentation's table says text, its example a truth value.
			if animated, ok := value.Bool(); ok {
				m.Animated = &animated
			}
		}
	})
}

func reference(value lenient.Value) *conversation.Reference {
	return ifObject(value, func(r *conversation.Reference, name string, value lenient.Value) {
		switch name {
		case "id":
			r.MessageID = messageID(value)
		case "from":
			r.From = conversation.PhoneNumber(value.Text())
		}
	})
}

func button(value lenient.Value) *conversation.Button {
	return ifObject(value, func(b *conversation.Button, name string, value lenient.Value) {
		switch name {
		case "text":
			b.Text = value.Text()
		case "payload":
			b.Payload = value.Text()
		}
	})
}

// choice reads an interactive reply by the object that is there: type is an
// open set, and "unknown" comes without one. Where both are, type decides.
func choice(value lenient.Value) *conversation.Choice {
	var button, entry *conversation.Choice
	var replyType string
	for name, value := range value.Members() {
		switch name {
		case "type":
			replyType = value.Text()
		case "buttonReply":
			button = reply(conversation.ChoiceButton, value)
		case "listReply":
			entry = reply(conversation.ChoiceList, value)
		}
	}
	if button == nil || entry != nil && strings.EqualFold(replyType, "listReply") {
		return entry
	}
	return button
}

func reply(kind conversation.ChoiceKind, value lenient.Value) *conversation.Choice {
	chosen := ifObject(value, func(c *conversation.Choice, name string, value lenient.Value) {
		switch name {
		case "id":
			c.ID = value.Text()
		case "title":
			c.Title = value.Text()
		case "description":
			c.Description = value.Text()
		}
	})
	if chosen != nil {
		chosen.Kind = kind
	}
	return chosen
}

func reaction(value lenient.Value) *conversation.Reaction {
	r := ifObject(value, func(r *conversation.Reaction, name string, value lenient.Value) {
		switch name {
		case "messageId":
			r.MessageID = messageID(value)
		case "emoji":
			r.Emoji = emoji(value.Text())
		}
	})
	if r != nil {
		r.Removed = r.Emoji == ""
	}
	return r
}

// emoji turns the text of a JSON escape sequence, which the schema says an
// emoji is, into the emoji itself. What ACS really sends is the emoji.
func emoji(text string) string {
	if !strings.HasPrefix(text, `\u`) {
		return text
	}
	decoded, err := jsontext.AppendUnquote(nil, `"`+text+`"`)
	if err != nil {
		return text
	}
	return string(decoded)
}
