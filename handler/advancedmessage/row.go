package advancedmessage

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/outputs"
	"whatsapp-functions/handler/quoted"
)

// row writes a message's row in one of its conversations. The columns' names
// are part of version 1.
func row(to *quoted.Text, partitionKey string, m *conversation.Message) (omitted []string, err error) {
	r := outputs.NewRow(to, partitionKey, m.RowKey())
	r.Text("EventId", m.EventID)
	r.Text("MessageId", m.MessageID)
	r.Text("Kind", string(m.Kind))
	r.TextCut("Text", m.Text)
	r.Text("Phone", m.From.Phone)
	r.Text("Bsuid", m.From.BSUID)
	r.Text("ChannelType", m.Channel.Type)
	r.Text("ChannelId", m.Channel.ID)
	r.Time("ReceivedAt", m.ReceivedAt)
	r.Time("ReplyBy", m.ReplyBy)
	if m.Media != nil {
		r.Text("MediaId", m.Media.ID)
		r.Text("MediaType", m.Media.MIMEType)
		r.Text("FileName", m.Media.FileName)
	}
	if m.ReplyTo != nil {
		r.Text("ReplyToMessageId", m.ReplyTo.MessageID)
	}
	r.True("OptOut", m.OptOut)
	r.TextIfFits("Event", string(m.Raw))
	return r.End()
}
