package functions

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// statusOutputs are the outputs of statuses, as function.json names them.
var statusOutputs = []bridge.Output{
	{Name: "messageStatus", Kind: bridge.Table, Every: "statuses"},
	{Name: "failedMessages", Kind: bridge.Queue},
	{Name: "statusUpdates", Kind: bridge.Queue, Every: "statuses"},
}

// statusChanged is the type of the queue message about a status.
const statusChanged = "conversation.message.status.v1"

// writeStatus writes a status: a row and, for a failure or if the app asks for
// all statuses, a queue message.
func writeStatus(event *messaging.CloudEvent, s *conversation.Status, _ Settings, results *bridge.Results) *bridge.Rejection {
	var leftOut []string
	if to := results.New("messageStatus"); to != nil {
		parts, err := encodeStatusRow(to, s)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		leftOut = parts
	}
	queues := []string{"statusUpdates"}
	if s.Failure != nil {
		queues = append(queues, "failedMessages")
	}
	for _, queue := range queues {
		if to := results.New(queue); to != nil {
			parts, err := encodeStatus(to, event, s)
			if err != nil {
				return bridge.Reject(bridge.Oversize, err.Error())
			}
			leftOut = append(leftOut, parts...)
		}
	}
	results.Count("statuses", statusForLog(s))
	if s.Failure != nil {
		results.Count("failures", string(s.Failure.Class))
		results.Warn()
	}
	return bridge.WrittenWithout(leftOut)
}

// encodeStatus writes the queue message about a status.
func encodeStatus(to *quoted.Text, event *messaging.CloudEvent, s *conversation.Status) (leftOut []string, err error) {
	message := record.Message{
		Type: statusChanged, ID: s.ID(), Subject: s.MessageID, Time: s.Published, Event: event,
		Data: func(to *quoted.Text) { statusData(to, s) }, Raw: s.Raw,
	}
	message.Texts = func() []*string {
		texts := []*string{&s.CallbackData}
		if s.Error != nil {
			texts = append(texts, &s.Error.Message)
		}
		return texts
	}
	return message.Encode(to)
}

// statusForLog returns the name under which the log counts a status. The provider
// may send any text, so only known statuses are named.
func statusForLog(s *conversation.Status) string {
	switch {
	case s.Failed():
		return conversation.StatusFailed
	case s.Rank() == 0:
		return "other"
	default:
		return s.Status
	}
}

// statusData writes the data of the queue message. The files in schema/ describe
// the fields; within version 1 fields may be added, never changed or removed.
func statusData(to *quoted.Text, s *conversation.Status) {
	to.String("eventId", s.EventID)
	to.String("messageId", s.MessageID)
	channelData(to, s.Channel)
	to.Strings("conversations", record.Conversations(s.Channel, s.To))
	participantData(to, "to", s.To)
	to.String("status", s.Status)
	to.String("occurredAt", s.Time().String())
	errorData(to, s.Error)
	if s.Failure != nil {
		to.Object("failure", func() {
			to.String("class", string(s.Failure.Class))
			to.String("retry", string(s.Failure.Retry))
			to.String("advice", s.Failure.Advice)
		})
	}
	to.String("callbackData", s.CallbackData)
	if s.Pricing != nil {
		to.Object("pricing", func() {
			optionalBool(to, "billable", s.Pricing.Billable)
			to.String("category", s.Pricing.Category)
			to.String("model", s.Pricing.Model)
			to.String("type", s.Pricing.Type)
		})
	}
	if s.Group != nil {
		to.Object("group", func() { to.String("id", s.Group.ID) })
	}
	if s.Participant != nil {
		participantData(to, "participant", *s.Participant)
	}
}

// encodeStatusRow writes the row of a status. The names of the columns are part
// of version 1.
func encodeStatusRow(to *quoted.Text, s *conversation.Status) (leftOut []string, err error) {
	var r record.Row
	r.Keys(record.StatusKeys(s))
	r.Text("EventId", s.EventID)
	r.Text("Status", s.Status)
	r.Int("Rank", s.Rank())
	r.Text("OccurredAt", s.Time().String())
	r.Text("Phone", s.To.Phone)
	r.Text("Bsuid", s.To.BSUID)
	r.Text("ChannelId", s.Channel.ID)
	if s.Error != nil {
		r.Text("ErrorCode", s.Error.Code)
		r.TextCut("ErrorMessage", s.Error.Message)
	}
	if s.Failure != nil {
		r.Text("FailureClass", string(s.Failure.Class))
		r.Text("Retry", string(s.Failure.Retry))
	}
	r.TextIfFits("Event", s.Raw)
	return r.Encode(to)
}
