package outputs

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// member writes a member that is always there.
func member(to *quoted.Text, name, text string) {
	to.Name(name)
	to.String(text)
}

// optional writes a member, unless there is nothing to say.
func optional(to *quoted.Text, name, text string) {
	if text != "" {
		member(to, name, text)
	}
}

// moment writes a member, unless there is no such moment.
func moment(to *quoted.Text, name string, t conversation.Time) {
	if !t.IsZero() {
		var text [len("2006-01-02T15:04:05.0000000Z")]byte
		member(to, name, string(t.Append(text[:0])))
	}
}

// truth writes a member that is there only if it is true.
func truth(to *quoted.Text, name string, truth bool) {
	if truth {
		to.Name(name)
		to.Bool(true)
	}
}

// What messages and statuses have in common.

func channel(to *quoted.Text, c conversation.Channel) {
	to.Name("channel")
	to.BeginObject()
	member(to, "type", c.Type)
	member(to, "id", c.ID)
	to.EndObject()
}

func conversations(to *quoted.Text, keys []string) {
	to.Name("conversations")
	to.BeginArray()
	for _, key := range keys {
		to.Next()
		to.String(key)
	}
	to.EndArray()
}

func participant(to *quoted.Text, name string, p conversation.Participant) {
	to.Name(name)
	to.BeginObject()
	optional(to, "phone", p.Phone)
	optional(to, "bsuid", p.BSUID)
	to.EndObject()
}

func channelError(to *quoted.Text, e *conversation.Error) {
	if e == nil {
		return
	}
	to.Name("error")
	to.BeginObject()
	optional(to, "code", e.Code)
	optional(to, "message", e.Message)
	to.EndObject()
}

func raw(to *quoted.Text, raw conversation.JSON, omitted bool) {
	if raw != "" {
		to.Name("raw")
		to.JSON(string(raw))
	}
	truth(to, "rawOmitted", omitted)
}
