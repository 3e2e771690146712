package acs

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
)

// TypeStatusUpdated is the type of the events that [Status] reads.
const TypeStatusUpdated = "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"

// Status reads the event of a message's delivery status. As with [Message],
// only data that is no object is an error. MessageID is the data's, else the
// subject's, else empty.
func Status(event messaging.CloudEvent) (conversation.Status, error) {
	data, err := object(event)
	if err != nil {
		return conversation.Status{}, err
	}
	s := conversation.Status{EventID: event.ID, Published: published(event), Raw: conversation.JSON(data), Status: conversation.StatusUnknown}
	s.Channel.Type = unknownChannel
	var misspelt conversation.Time
	for name, value := range data.Members() {
		switch name {
		case "channelType":
			s.Channel.Type = channelType(value)
		case "messageId":
			s.MessageID = messageID(value)
		case "status":
			s.Status = conversation.StatusName(value.Text())
		case "from":
			s.Channel.ID = channelID(value)
		case "to":
			s.To.Phone = conversation.PhoneNumber(value.Text())
		case "toBSUID":
			s.To.BSUID = strings.TrimSpace(value.Text())
		case "receivedTimestamp":
			s.OccurredAt = timestamp(value)
		case "receivedTimeStamp": // as the TypeSpec has it
			misspelt = timestamp(value)
		case "error":
			s.Error = channelError(value)
		}
	}
	if s.OccurredAt.IsZero() {
		s.OccurredAt = misspelt
	}
	if s.MessageID == "" && event.Subject != nil {
		s.MessageID = conversation.LowerGUID(subjectMessage(*event.Subject))
	}
	if s.Status == conversation.StatusFailed {
		s.Failure = failure(s.Error)
	}
	s.Complete()
	return s, nil
}

// subjectMessage is the message's id in the subject of a status event,
// advancedMessage/<message id>/status/<status>, or "". The status in it is not
// to be trusted: published examples disagree with their own data.
func subjectMessage(subject string) string {
	parts := strings.Split(subject, "/")
	if len(parts) != 4 || !strings.EqualFold(parts[0], "advancedMessage") || !strings.EqualFold(parts[2], "status") {
		return ""
	}
	return strings.TrimSpace(parts[1])
}
