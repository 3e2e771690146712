package meta

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
)

// Preference reads the event of a preference, such as a person's wish to receive no
// more marketing messages. As with [Message], the only error is data that is not an
// object.
func Preference(event messaging.CloudEvent) (conversation.Preference, error) {
	raw, err := object(event)
	if err != nil {
		return conversation.Preference{}, err
	}
	data := raw.Fields()
	preference, contact := data.Get("preference").Fields(), data.Get("contact").Fields()
	return conversation.Preference{
		EventID: event.ID,
		Channel: channel(data),
		Contact: conversation.NewParticipant(
			first(preference.Get("wa_id"), contact.Get("wa_id")),
			first(preference.Get("user_id"), contact.Get("user_id")),
		),
		Category:   text(preference.Get("category")),
		Value:      strings.ToLower(text(preference.Get("value"))),
		Published:  published(event),
		OccurredAt: timeOf(preference.Get("timestamp")),
		Raw:        string(raw),
	}, nil
}
