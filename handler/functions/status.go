package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

// statusOutputs are the outputs of statuses, as function.json names them.
var statusOutputs = []bridge.Output{
	{Name: "messageStatus", Kind: bridge.Table, EveryEvent: true},
	{Name: "failedMessages", Kind: bridge.Queue},
	{Name: "statusUpdates", Kind: bridge.Queue, EveryEvent: true},
}

// writeStatus writes a status: a row and, for a failure or if the app asks for
// all of them, a queue message.
func writeStatus(event *messaging.CloudEvent, s *conversation.Status, _ Settings, to *bridge.Results) *bridge.Rejection {
	var leftOut []string
	if to.Binds("messageStatus") {
		text, parts, err := statusRow(s).Encode()
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		to.Add("messageStatus", text)
		leftOut = parts
	}
	failed := s.Failure != nil && to.Binds("failedMessages")
	if failed || to.Binds("statusUpdates") {
		text, parts, err := record.Message{
			Type: statusChanged, ID: s.ID(), Subject: s.MessageID, Time: s.Published, Event: event,
			Data: func(o *record.Object) { statusData(o, s) }, Raw: s.Raw,
		}.Encode()
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		to.Add("statusUpdates", text)
		if failed {
			to.Add("failedMessages", text)
		}
		leftOut = append(leftOut, parts...)
	}
	to.Count("statuses", statusForLog(s))
	if s.Failure != nil {
		to.Count("failures", string(s.Failure.Class))
	}
	return bridge.WrittenWithout(leftOut)
}

// statusForLog returns the name under which the log counts a status. The provider
// may send any text, so only those with a rank are named.
func statusForLog(s *conversation.Status) string {
	if s.Rank() == 0 {
		return "other"
	}
	return s.Status
}

// statusChanged is the type of the queue message about a status.
const statusChanged = "conversation.message.status.v1"

// statusData writes the data of the queue message. The files in schema/ describe
// the fields; within version 1 fields may be added, never changed or removed.
func statusData(o *record.Object, s *conversation.Status) {
	o.Text("eventId", s.EventID)
	o.Text("messageId", s.MessageID)
	channelData(o, s.Channel)
	o.Texts("conversations", record.Conversations(s.Channel, s.To))
	participantData(o, "to", s.To)
	o.Text("status", s.Status)
	o.Time("occurredAt", s.OccurredAt)
	errorData(o, s.Error)
	if s.Failure != nil {
		o.Object("failure", func(o *record.Object) {
			o.Text("class", string(s.Failure.Class))
			o.Text("retry", string(s.Failure.Retry))
			o.Text("advice", s.Failure.Advice)
		})
	}
}

// statusRow returns the row of a status. The names of the columns are part of
// version 1.
func statusRow(s *conversation.Status) *record.Row {
	r := record.NewRow(record.StatusKeys(s))
	r.Text("EventId", s.EventID)
	r.Text("Status", s.Status)
	r.Int("Rank", s.Rank())
	r.Time("OccurredAt", s.OccurredAt)
	r.Text("Phone", s.To.Phone)
	r.Text("Bsuid", s.To.BSUID)
	r.Text("ChannelId", s.Channel.ID)
	if s.Error != nil {
		r.Text("ErrorCode", s.Error.Code)
		r.Text("ErrorMessage", s.Error.Message)
	}
	if s.Failure != nil {
		r.Text("FailureClass", string(s.Failure.Class))
		r.Text("Retry", string(s.Failure.Retry))
	}
	r.TextIfFits("Event", s.Raw)
	return r
}
