package functions

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

// The fields that the data of messages and statuses have in common.

func channelData(o *record.Object, c conversation.Channel) {
	o.Object("channel", func(o *record.Object) {
		o.Text("type", c.Type)
		o.Text("id", c.ID)
	})
}

func participantData(o *record.Object, name string, p conversation.Participant) {
	o.Object(name, func(o *record.Object) {
		o.Text("phone", p.Phone)
		o.Text("bsuid", p.BSUID)
	})
}

func errorData(o *record.Object, e *conversation.Error) {
	if e != nil {
		o.Object("error", func(o *record.Object) {
			o.Text("code", e.Code)
			o.Text("message", e.Message)
		})
	}
}
