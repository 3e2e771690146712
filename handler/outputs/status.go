package outputs

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// status writes a status as the tags of [conversation.Status] say.
func status(to *quoted.Text, s *conversation.Status) {
	to.BeginObject()
	member(to, "eventId", s.EventID)
	optional(to, "messageId", s.MessageID)
	channel(to, s.Channel)
	conversations(to, s.Conversations)
	participant(to, "to", s.To)
	member(to, "status", s.Status)
	moment(to, "occurredAt", s.OccurredAt)
	channelError(to, s.Error)
	failure(to, s.Failure)
	raw(to, s.Raw, s.RawOmitted)
	to.EndObject()
}

func failure(to *quoted.Text, f *conversation.Failure) {
	if f == nil {
		return
	}
	to.Name("failure")
	to.BeginObject()
	member(to, "class", string(f.Class))
	member(to, "retry", string(f.Retry))
	member(to, "advice", f.Advice)
	to.EndObject()
}
