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
		To:         conversation.NewParticipant(fields.Get("to").Text(), fields.Get("toBSUID").Text()),
		Status:     conversation.StatusName(fields.Get("status").Text()),
		Published:  published(event),
		OccurredAt: receivedAt(&fields),
		Error:      channelError(&fields),
		Raw:        string(data),
	}
	if s.MessageID == "" && event.Subject != nil {
		s.MessageID = conversation.LowerGUID(subjectMessage(*event.Subject))
	}
	s.Failure = whatsapp.Failure(&s)
	return s, nil
}

// subjectMessage returns the message id in the subject of a status event, or "".
// The subject is advancedMessage/<message id>/status/<status>. The id may contain
// slashes; WhatsApp's own ids do. Published examples have another status there
// than in their data, so the status is not read.
func subjectMessage(subject string) string {
	const start, middle = "advancedmessage/", "/status/"
	lower := strings.ToLower(subject)
	at := strings.LastIndex(lower, middle)
	if len(lower) != len(subject) || !strings.HasPrefix(lower, start) || at < len(start) || strings.Contains(subject[at+len(middle):], "/") {
		return ""
	}
	return strings.TrimSpace(subject[len(start):at])
}
