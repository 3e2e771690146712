package meta

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
)

// ChannelEvent reads the event of a field that is not about messages of people. As
// with [Message], the only error is data that is not an object.
func ChannelEvent(event messaging.CloudEvent) (conversation.ChannelEvent, error) {
	raw, err := object(event)
	if err != nil {
		return conversation.ChannelEvent{}, err
	}
	data := raw.Fields()
	return conversation.ChannelEvent{
		EventID:   event.ID,
		Field:     text(data.Get("field")),
		Published: published(event),
		Value:     string(data.Get("value")),
	}, nil
}
