// Package acs reads the events that Azure Communication Services publishes for
// Advanced Messaging, and returns them as values of package conversation.
//
// The payloads are described, with errors, in
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

// Message reads the event of a message that a person sent. The only error is data
// that is not an object. A field that is missing, or has an unexpected form, is
// left empty; Raw has it. OptOut is not set.
func Message(event messaging.CloudEvent) (conversation.Message, error) {
	data, err := object(event)
	if err != nil {
		return conversation.Message{}, err
	}
	fields := data.Fields()
	m := conversation.Message{
		EventID:    event.ID,
		MessageID:  guid(fields.Get("messageId")),
		Channel:    channel(fields.Get("channelType"), fields.Get("to")),
		From:       conversation.NewParticipant(fields.Get("from").Text(), fields.Get("fromBSUID").Text()),
		Published:  published(event),
		ReceivedAt: receivedAt(&fields),
		Text:       fields.Get("content").Text(),
		Media:      media(fields.Get("media")),
		ReplyTo:    reference(fields.Get("context")),
		Button:     button(fields.Get("button")),
		Choice:     choice(fields.Get("interactive")),
		Reaction:   reaction(fields.Get("reaction")),
		Error:      channelError(&fields),
		Raw:        string(data),
	}
	m.Kind = kind(fields.Get("messageType").Text(), &m)
	if event.Subject != nil {
		sender, recipient := subjectParties(*event.Subject)
		if m.From == (conversation.Participant{}) {
			m.From = conversation.NewParticipant(sender, "")
		}
		if m.Channel.ID == "" {
			m.Channel.ID = conversation.LowerGUID(recipient)
		}
	}
	return m, nil
}

// subjectParties returns the sender and the channel in the subject of a received
// message, which is advancedMessage/sender/<sender>/recipient/<channel>, or "".
func subjectParties(subject string) (sender, recipient string) {
	const start, middle = "advancedmessage/sender/", "/recipient/"
	lower := strings.ToLower(subject)
	at := strings.LastIndex(lower, middle)
	if len(lower) != len(subject) || !strings.HasPrefix(lower, start) || at < len(start) {
		return "", ""
	}
	return strings.TrimSpace(subject[len(start):at]), strings.TrimSpace(subject[at+len(middle):])
}

// kind returns the kind that messageType names. Payloads of 2023 have no
// messageType: their kind follows from the content.
func kind(messageType string, m *conversation.Message) conversation.Kind {
	switch {
	case messageType != "":
		return named(messageType)
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

// named returns the kind for a messageType in any case. Kinds for which ACS has
// no field (location, contacts, order, system, ...) are unsupported.
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
		// WhatsApp accepts WebP for stickers only.
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
	fields := value.Fields()
	m := conversation.Media{
		ID:       fields.Get("id").Text(),
		MIMEType: fields.Get("mimeType").Text(),
		FileName: fields.Get("fileName").Text(),
		Caption:  fields.Get("caption").Text(),
	}
	// It is a string in the table of the documentation, a boolean in its example.
	if animated, ok := fields.Get("animated").Bool(); ok {
		m.Animated = &animated
	}
	return unlessZero(m)
}

func reference(value lenient.Value) *conversation.Reference {
	fields := value.Fields()
	return unlessZero(conversation.Reference{
		MessageID: guid(fields.Get("id")),
		From:      conversation.PhoneNumber(fields.Get("from").Text()),
	})
}

func button(value lenient.Value) *conversation.Button {
	fields := value.Fields()
	return unlessZero(conversation.Button{Text: fields.Get("text").Text(), Payload: fields.Get("payload").Text()})
}

// choice reads an interactive reply. Which object is present decides, because
// type is an open set, and "unknown" has no object. If both are, type decides.
func choice(value lenient.Value) *conversation.Choice {
	fields := value.Fields()
	button := reply(conversation.ChoiceButton, fields.Get("buttonReply"))
	entry := reply(conversation.ChoiceList, fields.Get("listReply"))
	if button == nil || entry != nil && strings.EqualFold(fields.Get("type").Text(), "listReply") {
		return entry
	}
	return button
}

func reply(kind conversation.ChoiceKind, value lenient.Value) *conversation.Choice {
	fields := value.Fields()
	reply := unlessZero(conversation.Choice{
		ID:          fields.Get("id").Text(),
		Title:       fields.Get("title").Text(),
		Description: fields.Get("description").Text(),
	})
	if reply != nil {
		reply.Kind = kind
	}
	return reply
}

func reaction(value lenient.Value) *conversation.Reaction {
	fields := value.Fields()
	r := unlessZero(conversation.Reaction{MessageID: guid(fields.Get("messageId")), Emoji: emoji(fields.Get("emoji").Text())})
	if r != nil {
		r.Removed = r.Emoji == ""
	}
	return r
}

// emoji returns the emoji of a reaction. In practice ACS sends the emoji itself. Its
// schema describes an escape sequence, a text such as \ud83d\udc4d, which emoji decodes.
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
