package meta

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// Message reads the event of a message that a person sent. The only error is data
// that is not an object. A field that is missing, or has an unexpected form, is
// left empty; Raw has it. OptOut is not set.
func Message(event messaging.CloudEvent) (conversation.Message, error) {
	raw, err := object(event)
	if err != nil {
		return conversation.Message{}, err
	}
	data := raw.Fields()
	message := data.Get("message").Fields()
	messageType := text(message.Get("type"))
	m := conversation.Message{
		EventID:    event.ID,
		MessageID:  text(message.Get("id")),
		Channel:    channel(data),
		From:       sender(message, data.Get("contact")),
		Published:  published(event),
		ReceivedAt: timeOf(message.Get("timestamp")),
		ReplyTo:    replyTo(message.Get("context")),
		Referral:   referral(message.Get("referral")),
		Group:      group(message.Get("group_id")),
		Error:      firstError(message.Get("errors")),
		Raw:        string(raw),
	}
	switch messageType {
	case "edit":
		edit := message.Get("edit").Fields()
		m.Edit = &conversation.Target{MessageID: text(edit.Get("original_message_id"))}
		content := edit.Get("message").Fields()
		setContent(&m, text(content.Get("type")), content)
		m.Kind = conversation.KindEdit
	case "revoke":
		revoke := message.Get("revoke").Fields()
		m.Revoke = &conversation.Target{MessageID: text(revoke.Get("original_message_id"))}
		m.Kind = conversation.KindRevoke
	default:
		m.Kind = setContent(&m, messageType, message)
	}
	return m, nil
}

// setContent reads the content of a message of this type, and returns the kind of
// the message.
func setContent(m *conversation.Message, messageType string, message lenient.Fields) conversation.Kind {
	content := message.Get(messageType)
	switch messageType {
	case "text":
		fields := content.Fields()
		m.Text = fields.Get("body").Text()
		return conversation.KindText
	case "image", "video", "audio", "document", "sticker":
		m.Media = media(content)
		return conversation.Kind(messageType)
	case "location":
		m.Location = location(content)
		return conversation.KindLocation
	case "contacts":
		m.Contacts = contacts(content)
		return conversation.KindContacts
	case "order":
		m.Order = order(content)
		return conversation.KindOrder
	case "button":
		m.Button = button(content)
		return conversation.KindButton
	case "interactive":
		m.Choice = choice(content)
		return conversation.KindInteractive
	case "reaction":
		m.Reaction = reaction(content)
		return conversation.KindReaction
	case "system":
		m.System = system(content)
		return conversation.KindSystem
	case "request_welcome":
		return conversation.KindWelcome
	default:
		unsupported := message.Get("unsupported").Fields()
		m.Unsupported = text(unsupported.Get("type"))
		return conversation.KindUnsupported
	}
}
