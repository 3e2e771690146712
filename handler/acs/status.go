package acs

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/whatsapp"
)

// TypeStatusUpdated is the type of the events that [Status] reads.
const TypeStatusUpdated = "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"

// Status reads the event of a delivery status. As with [Message], the only error
// is data that is not an object. MessageID is from the data, or else from the
// subject, or else empty.
func Status(event messaging.CloudEvent) (conversation.Status, error) {
	data, err := object(event)
	if err != nil {
		return conversation.Status{}, err
	}
	fields := data.Fields()
	s := conversation.Status{
		EventID:    event.ID,
		MessageID:  guid(fields.Get("messageId")),
		Channel:    channel(fields.Get("channelType"), fields.Get("from")),
		To:         participant(fields.Get("to"), fields.Get("toBSUID")),
		Status:     conversation.StatusName(fields.Get("status").Text()),
		Published:  published(event),
		OccurredAt: receivedAt(&fields),
		Error:      channelError(fields.Get("error")),
		Raw:        string(data),
	}
	if s.MessageID == "" && event.Subject != nil {
		s.MessageID = conversation.LowerGUID(subjectMessage(*event.Subject))
	}
	s.Failure = whatsapp.Failure(&s)
	return s, nil
}

// subjectMessage returns the message id in the subject of a status event, or "".
// The subject is advancedMessage/<message id>/status/<status>. Published examples
// have another status there than in their data, so it is not read.
func subjectMessage(subject string) string {
	parts := strings.Split(subject, "/")
	if len(parts) != 4 || !strings.EqualFold(parts[0], "advancedMessage") || !strings.EqualFold(parts[2], "status") {
		return ""
	}
	return strings.TrimSpace(parts[1])
}
