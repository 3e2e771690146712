package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// messageOutputs are the outputs of received messages, as function.json names
// them.
var messageOutputs = []bridge.Output{
	{Name: "inboundMessages", Kind: bridge.Queue, Every: "messages"},
	{Name: "messages", Kind: bridge.Table, Every: "messages"},
	{Name: "mediaRequests", Kind: bridge.Queue},
}

// messageReceived is the type of the queue message about a received message.
const messageReceived = "conversation.message.received.v1"

// writeMessage writes a received message: a queue message, a row for each identity
// of the sender, and a request for the file if the app asks for files.
func writeMessage(event *messaging.CloudEvent, m *conversation.Message, settings Settings, results *bridge.Results) *bridge.Rejection {
	m.OptOut = settings.OptOut.Match(m)
	conversations := record.Conversations(m.Channel, m.From)
	blob, err := requestMedia(event, m, results)
	if err != nil {
		return bridge.Reject(bridge.Oversize, err.Error())
	}
	var leftOut []string
	if to := results.New("inboundMessages"); to != nil {
		parts, err := encodeMessage(to, event, m, conversations, blob)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		leftOut = parts
	}
	row := messageRow(m, blob)
	for _, key := range conversations {
		if to := results.New("messages"); to != nil {
			row.SetPartitionKey(key)
			parts, err := row.Encode(to)
			if err != nil {
				return bridge.Reject(bridge.Oversize, err.Error())
			}
			leftOut = append(leftOut, parts...)
		}
	}
	results.Count("kinds", string(m.Kind))
	return bridge.WrittenWithout(leftOut)
}

// encodeMessage writes the queue message about a received message.
func encodeMessage(to *quoted.Text, event *messaging.CloudEvent, m *conversation.Message, conversations []string, blob string) (leftOut []string, err error) {
	whole := *m
	message := record.Message{
		Type: messageReceived, ID: m.ID(), Subject: m.ID(), Time: m.Published, Event: event,
		Data: func(to *quoted.Text) { messageData(to, m, conversations, blob) }, Raw: m.Raw,
		Parts: func() []record.Part { return messageParts(m) }, Texts: func() []*string { return messageTexts(m) },
	}
	leftOut, err = message.Encode(to)
	*m = whole // with the parts that were left out
	return leftOut, err
}

// messageParts returns the lists and forms of a message, which may be left out.
func messageParts(m *conversation.Message) (parts []record.Part) {
	if len(m.Contacts) > 0 {
		parts = append(parts, record.Part{Name: "contacts", Remove: func() { m.Contacts = nil }})
	}
	if m.Order != nil && len(m.Order.Items) > 0 {
		parts = append(parts, record.Part{Name: "order.items", Remove: func() {
			order := *m.Order
			order.Items = nil
			m.Order = &order
		}})
	}
	if m.Choice != nil && m.Choice.Response != "" {
		parts = append(parts, record.Part{Name: "choice.response", Remove: func() {
			choice := *m.Choice
			choice.Response = ""
			m.Choice = &choice
		}})
	}
	return parts
}

// messageTexts returns the texts of a message that may be cut, except for those
// that are never long.
func messageTexts(m *conversation.Message) []*string {
	texts := []*string{&m.Text}
	if m.Media != nil {
		texts = append(texts, &m.Media.Caption)
	}
	if m.Button != nil {
		texts = append(texts, &m.Button.Text)
	}
	if m.Choice != nil {
		texts = append(texts, &m.Choice.Description, &m.Choice.Title)
	}
	if m.Reaction != nil {
		texts = append(texts, &m.Reaction.Emoji)
	}
	if m.Location != nil {
		texts = append(texts, &m.Location.Address, &m.Location.Name, &m.Location.URL)
	}
	if m.Order != nil {
		texts = append(texts, &m.Order.Text)
	}
	if m.System != nil {
		texts = append(texts, &m.System.Text)
	}
	if m.Referral != nil {
		texts = append(texts, &m.Referral.Body, &m.Referral.Headline, &m.Referral.SourceURL)
	}
	if m.Error != nil {
		texts = append(texts, &m.Error.Message)
	}
	return texts
}

// messageData writes the data of the queue message. The files in schema/ describe
// the fields; within version 1 fields may be added, never changed or removed.
func messageData(to *quoted.Text, m *conversation.Message, conversations []string, blob string) {
	to.String("eventId", m.EventID)
	to.String("messageId", m.MessageID)
	channelData(to, m.Channel)
	to.Strings("conversations", conversations)
	participantData(to, "from", m.From)
	to.String("receivedAt", m.ReceivedAt.String())
	to.String("replyBy", m.ReplyBy().String())
	to.String("kind", string(m.Kind))
	to.String("text", m.Text)
	if m.Media != nil {
		to.Object("media", func() {
			to.String("id", m.Media.ID)
			to.String("mimeType", m.Media.MIMEType)
			to.String("fileName", m.Media.FileName)
			to.String("caption", m.Media.Caption)
			to.String("sha256", m.Media.SHA256)
			optionalBool(to, "animated", m.Media.Animated)
			optionalBool(to, "voice", m.Media.Voice)
			to.String("blob", blob)
		})
	}
	if m.ReplyTo != nil {
		to.Object("replyTo", func() {
			to.String("messageId", m.ReplyTo.MessageID)
			to.String("from", m.ReplyTo.From)
			to.True("forwarded", m.ReplyTo.Forwarded)
			to.True("forwardedManyTimes", m.ReplyTo.ForwardedManyTimes)
			if product := m.ReplyTo.Product; product != nil {
				to.Object("product", func() {
					to.String("catalogId", product.CatalogID)
					to.String("productId", product.ProductID)
				})
			}
		})
	}
	if m.Button != nil {
		to.Object("button", func() {
			to.String("text", m.Button.Text)
			to.String("payload", m.Button.Payload)
		})
	}
	if m.Choice != nil {
		to.Object("choice", func() {
			to.String("kind", string(m.Choice.Kind))
			to.String("id", m.Choice.ID)
			to.String("title", m.Choice.Title)
			to.String("description", m.Choice.Description)
			if m.Choice.Response != "" {
				to.JSON("response", m.Choice.Response)
			}
		})
	}
	if m.Reaction != nil {
		to.Object("reaction", func() {
			to.String("messageId", m.Reaction.MessageID)
			to.String("emoji", m.Reaction.Emoji)
			to.True("removed", m.Reaction.Removed)
		})
	}
	contentData(to, m)
	errorData(to, m.Error)
	to.True("optOut", m.OptOut)
}

// messageRow returns the row of a message, which is the same in all its
// conversations but for the partition key. The names of the columns are part of
// version 1.
func messageRow(m *conversation.Message, blob string) (r record.Row) {
	r.Keys("", record.MessageRowKey(m))
	r.Text("EventId", m.EventID)
	r.Text("MessageId", m.MessageID)
	r.Text("Kind", string(m.Kind))
	r.TextCut("Text", m.Text)
	if m.Media != nil {
		r.TextCut("Caption", m.Media.Caption)
	}
	if m.Button != nil {
		r.TextCut("ButtonText", m.Button.Text)
		r.Text("ButtonPayload", m.Button.Payload)
	}
	if m.Choice != nil {
		r.Text("ChoiceId", m.Choice.ID)
		r.TextCut("ChoiceTitle", m.Choice.Title)
	}
	if m.Reaction != nil {
		r.TextCut("Reaction", m.Reaction.Emoji)
		r.Text("ReactionToMessageId", m.Reaction.MessageID)
	}
	r.Text("Phone", m.From.Phone)
	r.Text("Bsuid", m.From.BSUID)
	r.Text("ChannelType", m.Channel.Type)
	r.Text("ChannelId", m.Channel.ID)
	r.Text("ReceivedAt", m.ReceivedAt.String())
	r.Text("ReplyBy", m.ReplyBy().String())
	if m.Media != nil {
		r.Text("MediaId", m.Media.ID)
		r.Text("MediaType", m.Media.MIMEType)
		r.Text("FileName", m.Media.FileName)
		r.Text("MediaBlob", blob)
	}
	if m.ReplyTo != nil {
		r.Text("ReplyToMessageId", m.ReplyTo.MessageID)
	}
	contentColumns(&r, m)
	if m.Error != nil {
		r.Text("ErrorCode", m.Error.Code)
		r.TextCut("ErrorMessage", m.Error.Message)
	}
	r.True("OptOut", m.OptOut)
	r.TextIfFits("Event", m.Raw)
	return r
}
