package functions

import (
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// The fields that the data of messages and statuses have in common.

func channelData(to *quoted.Text, c conversation.Channel) {
	to.Object("channel", func() {
		to.String("type", c.Type)
		to.String("id", c.ID)
	})
}

func participantData(to *quoted.Text, name string, p conversation.Participant) {
	to.Object(name, func() {
		to.String("phone", p.Phone)
		to.String("bsuid", p.BSUID)
	})
}

func optionalBool(to *quoted.Text, name string, value *bool) {
	if value != nil {
		to.Bool(name, *value)
	}
}

func optionalNumber(to *quoted.Text, name string, value *float64) {
	if value != nil {
		to.Number(name, *value)
	}
}

func errorData(to *quoted.Text, e *conversation.Error) {
	if e != nil {
		to.Object("error", func() {
			to.String("code", e.Code)
			to.String("message", e.Message)
		})
	}
}
