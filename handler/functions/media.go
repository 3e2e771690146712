package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// mediaRequested is the type of the queue message that requests the file of a
// message.
const mediaRequested = "conversation.media.requested.v1"

// requestMedia writes a queue message that requests the file of a message, and
// returns the name of the blob in which the file is going to be stored. The name is
// "" if the message has no file, or if function.json does not bind the output.
func requestMedia(event *messaging.CloudEvent, m *conversation.Message, results *bridge.Results) (blob string, err error) {
	if m.Media == nil || m.Media.ID == "" {
		return "", nil // the provider could not deliver the file
	}
	to := results.New("mediaRequests")
	if to == nil {
		return "", nil
	}
	blob = record.MediaBlob(event.Source, m)
	message := record.Message{
		Type: mediaRequested, ID: m.ID() + ":media", Subject: m.ID(), Time: m.Published, Event: event,
		Data: func(to *quoted.Text) { mediaRequestData(to, m, blob) },
	}
	_, err = message.Encode(to)
	return blob, err
}

// mediaRequestData writes the data of the queue message. The files in schema/
// describe the fields; within version 1 fields may be added, never changed or
// removed.
func mediaRequestData(to *quoted.Text, m *conversation.Message, blob string) {
	to.String("eventId", m.EventID)
	to.String("messageId", m.MessageID)
	channelData(to, m.Channel)
	to.Object("media", func() {
		to.String("id", m.Media.ID)
		to.String("mimeType", m.Media.MIMEType)
		to.String("sha256", m.Media.SHA256)
		to.String("fileName", m.Media.FileName)
	})
	to.String("blob", blob)
}
