package outputs

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// message writes a message as the tags of [conversation.Message] say.
func message(to *quoted.Text, m *conversation.Message) {
	to.BeginObject()
	member(to, "eventId", m.EventID)
	optional(to, "messageId", m.MessageID)
	channel(to, m.Channel)
	conversations(to, m.Conversations)
	participant(to, "from", m.From)
	moment(to, "receivedAt", m.ReceivedAt)
	moment(to, "replyBy", m.ReplyBy)
	member(to, "kind", string(m.Kind))
	optional(to, "text", m.Text)
	media(to, m.Media)
	replyTo(to, m.ReplyTo)
	button(to, m.Button)
	choice(to, m.Choice)
	reaction(to, m.Reaction)
	channelError(to, m.Error)
	truth(to, "optOut", m.OptOut)
	raw(to, m.Raw, m.RawOmitted)
	to.EndObject()
}

func media(to *quoted.Text, m *conversation.Media) {
	if m == nil {
		return
	}
	to.Name("media")
	to.BeginObject()
	member(to, "id", m.ID)
	member(to, "mimeType", m.MIMEType)
	optional(to, "fileName", m.FileName)
	optional(to, "caption", m.Caption)
	if m.Animated != nil {
		to.Name("animated")
		to.Bool(*m.Animated)
	}
	to.EndObject()
}

func replyTo(to *quoted.Text, r *conversation.Reference) {
	if r == nil {
		return
	}
	to.Name("replyTo")
	to.BeginObject()
	optional(to, "messageId", r.MessageID)
	optional(to, "from", r.From)
	to.EndObject()
}

func button(to *quoted.Text, b *conversation.Button) {
	if b == nil {
		return
	}
	to.Name("button")
	to.BeginObject()
	optional(to, "text", b.Text)
	optional(to, "payload", b.Payload)
	to.EndObject()
}

func choice(to *quoted.Text, c *conversation.Choice) {
	if c == nil {
		return
	}
	to.Name("choice")
	to.BeginObject()
	member(to, "kind", string(c.Kind))
	member(to, "id", c.ID)
	optional(to, "title", c.Title)
	optional(to, "description", c.Description)
	to.EndObject()
}

func reaction(to *quoted.Text, r *conversation.Reaction) {
	if r == nil {
		return
	}
	to.Name("reaction")
	to.BeginObject()
	member(to, "messageId", r.MessageID)
	optional(to, "emoji", r.Emoji)
	truth(to, "removed", r.Removed)
	to.EndObject()
}
