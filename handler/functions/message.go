package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

// messageOutputs are the outputs of received messages, as function.json names
// them.
var messageOutputs = []bridge.Output{
	{Name: "inboundMessages", Kind: bridge.Queue, EveryEvent: true},
	{Name: "messages", Kind: bridge.Table, EveryEvent: true},
}

// writeMessage writes a received message: a queue message, and a row for each
// identity of the sender.
func writeMessage(event *messaging.CloudEvent, m *conversation.Message, settings Settings, to *bridge.Results) *bridge.Rejection {
	m.OptOut = settings.OptOut.Match(m)
	conversations := record.Conversations(m.Channel, m.From)
	var leftOut []string
	if to.Binds("inboundMessages") {
		text, parts, err := record.Message{
			Type: messageReceived, ID: m.ID(), Subject: m.ID(), Time: m.Published, Event: event,
			Data: func(o *record.Object) { messageData(o, m, conversations) }, Raw: m.Raw,
		}.Encode()
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		to.Add("inboundMessages", text)
		leftOut = parts
	}
	if to.Binds("messages") {
		for _, key := range conversations {
			text, parts, err := messageRow(key, m).Encode()
			if err != nil {
				return bridge.Reject(bridge.Oversize, err.Error())
			}
			to.Add("messages", text)
			leftOut = append(leftOut, parts...)
		}
	}
	to.Count("kinds", string(m.Kind))
	return bridge.WrittenWithout(leftOut)
}

// messageReceived is the type of the queue message about a received message.
const messageReceived = "conversation.message.received.v1"

// messageData writes the data of the queue message. The files in schema/ describe
// the fields; within version 1 fields may be added, never changed or removed.
func messageData(o *record.Object, m *conversation.Message, conversations []string) {
	o.Text("eventId", m.EventID)
	o.Text("messageId", m.MessageID)
	channelData(o, m.Channel)
	o.Texts("conversations", conversations)
	participantData(o, "from", m.From)
	o.Time("receivedAt", m.ReceivedAt)
	o.Time("replyBy", m.ReplyBy())
	o.Text("kind", string(m.Kind))
	o.Text("text", m.Text)
	if m.Media != nil {
		o.Object("media", func(o *record.Object) {
			o.Text("id", m.Media.ID)
			o.Text("mimeType", m.Media.MIMEType)
			o.Text("fileName", m.Media.FileName)
			o.Text("caption", m.Media.Caption)
			if m.Media.Animated != nil {
				o.Bool("animated", *m.Media.Animated)
			}
		})
	}
	if m.ReplyTo != nil {
		o.Object("replyTo", func(o *record.Object) {
			o.Text("messageId", m.ReplyTo.MessageID)
			o.Text("from", m.ReplyTo.From)
		})
	}
	if m.Button != nil {
		o.Object("button", func(o *record.Object) {
			o.Text("text", m.Button.Text)
			o.Text("payload", m.Button.Payload)
		})
	}
	if m.Choice != nil {
		o.Object("choice", func(o *record.Object) {
			o.Text("kind", string(m.Choice.Kind))
			o.Text("id", m.Choice.ID)
			o.Text("title", m.Choice.Title)
			o.Text("description", m.Choice.Description)
		})
	}
	if m.Reaction != nil {
		o.Object("reaction", func(o *record.Object) {
			o.Text("messageId", m.Reaction.MessageID)
			o.Text("emoji", m.Reaction.Emoji)
			o.True("removed", m.Reaction.Removed)
		})
	}
	errorData(o, m.Error)
	o.True("optOut", m.OptOut)
}

// messageRow returns the row of a message in one of its conversations. The names
// of the columns are part of version 1.
func messageRow(partitionKey string, m *conversation.Message) *record.Row {
	r := record.NewRow(partitionKey, record.MessageRowKey(m))
	r.Text("EventId", m.EventID)
	r.Text("MessageId", m.MessageID)
	r.Text("Kind", string(m.Kind))
	r.TextCut("Text", m.Text)
	r.Text("Phone", m.From.Phone)
	r.Text("Bsuid", m.From.BSUID)
	r.Text("ChannelType", m.Channel.Type)
	r.Text("ChannelId", m.Channel.ID)
	r.Time("ReceivedAt", m.ReceivedAt)
	r.Time("ReplyBy", m.ReplyBy())
	if m.Media != nil {
		r.Text("MediaId", m.Media.ID)
		r.Text("MediaType", m.Media.MIMEType)
		r.Text("FileName", m.Media.FileName)
	}
	if m.ReplyTo != nil {
		r.Text("ReplyToMessageId", m.ReplyTo.MessageID)
	}
	r.True("OptOut", m.OptOut)
	r.TextIfFits("Event", m.Raw)
	return r
}
