package meta

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/whatsapp"
)

// Status reads the event of a delivery status. As with [Message], the only error
// is data that is not an object.
func Status(event messaging.CloudEvent) (conversation.Status, error) {
	raw, err := object(event)
	if err != nil {
		return conversation.Status{}, err
	}
	data := raw.Fields()
	status := data.Get("status").Fields()
	s := conversation.Status{
		EventID:      event.ID,
		MessageID:    text(status.Get("id")),
		Channel:      channel(data),
		To:           recipient(status, data.Get("contact")),
		Participant:  participant(status),
		Status:       conversation.StatusName(status.Get("status").Text()),
		Published:    published(event),
		OccurredAt:   timeOf(status.Get("timestamp")),
		Error:        firstError(status.Get("errors")),
		CallbackData: status.Get("biz_opaque_callback_data").Text(),
		Pricing:      pricing(status.Get("pricing")),
		Raw:          string(raw),
	}
	if strings.EqualFold(text(status.Get("recipient_type")), "group") {
		s.Group = group(status.Get("recipient_id"))
		s.To = conversation.Participant{}
		if s.Participant != nil {
			s.To = *s.Participant
		}
	}
	s.Failure = whatsapp.Failure(&s)
	return s, nil
}

// participant returns the member of a group that a status is about. The recipient
// of such a status is the group.
func participant(status lenient.Fields) *conversation.Participant {
	p := conversation.NewParticipant(text(status.Get("recipient_participant_id")), text(status.Get("recipient_participant_user_id")))
	if p == (conversation.Participant{}) {
		return nil
	}
	return &p
}

func pricing(value lenient.Value) *conversation.Pricing {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	return &conversation.Pricing{
		Billable: boolean(fields.Get("billable")),
		Category: text(fields.Get("category")),
		Model:    text(fields.Get("pricing_model")),
		Type:     text(fields.Get("type")),
	}
}
