package meta

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// sender returns the person who sent a message. Meta leaves out from if the
// person has a username and hides the number; the contact may still have it.
func sender(message lenient.Fields, contact lenient.Value) conversation.Participant {
	profile := contact.Fields()
	return conversation.NewParticipant(
		first(message.Get("from"), profile.Get("wa_id")),
		first(message.Get("from_user_id"), profile.Get("user_id")),
	)
}

// recipient returns the person that a message was sent to.
func recipient(status lenient.Fields, contact lenient.Value) conversation.Participant {
	profile := contact.Fields()
	return conversation.NewParticipant(
		first(status.Get("recipient_id"), profile.Get("wa_id")),
		first(status.Get("recipient_user_id"), profile.Get("user_id")),
	)
}

// first returns the first of the texts that is not empty.
func first(values ...lenient.Value) string {
	for _, value := range values {
		if text := text(value); text != "" {
			return text
		}
	}
	return ""
}
