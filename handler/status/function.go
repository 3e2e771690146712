// Package status is the function StatusTrigger: it turns the event of a
// message's delivery status into a table row and, for a failed message, a
// queue message.
package status

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/outputs"
)

// Name is the function's name and that of its folder.
const Name = "StatusTrigger"

// The function's outputs, as function.json names them.
const (
	messageStatus  = "messageStatus"
	failedMessages = "failedMessages"
	statusUpdates  = "statusUpdates"
)

// Function is StatusTrigger.
type Function struct {
	// Routes are consulted to explain an event of another type.
	Routes eventgrid.Routes
}

// Name is the name of the function's folder.
func (f *Function) Name() string { return Name }

// Outputs are the outputs that function.json may bind.
func (f *Function) Outputs() []bridge.Output {
	return []bridge.Output{
		{Name: messageStatus, Kind: bridge.Table, Every: true},
		{Name: failedMessages, Kind: bridge.Queue},
		{Name: statusUpdates, Kind: bridge.Queue, Every: true},
	}
}

// Handle writes one event to out, or says why it can't.
func (f *Function) Handle(raw lenient.Value, out *bridge.Outputs) *bridge.Rejection {
	event, err := eventgrid.Decode(raw)
	if err != nil {
		return bridge.Reject(bridge.MalformedEvent, err.Error())
	}
	if !strings.EqualFold(event.Type, acs.TypeStatusUpdated) {
		return bridge.Reject(bridge.UnexpectedType, f.Routes.Misrouted(event.Type))
	}
	status, err := acs.Status(event)
	if err != nil {
		return bridge.Reject(bridge.MalformedData, err.Error())
	}
	if status.MessageID == "" {
		return bridge.Reject(bridge.MissingID, "neither the data nor the subject has a message id")
	}
	return write(&status, &event, out)
}

func write(status *conversation.Status, event *messaging.CloudEvent, out *bridge.Outputs) *bridge.Rejection {
	var omitted bridge.Omitted
	if to := out.Item(messageStatus); to != nil {
		left, err := row(to, status)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		omitted.Add(left)
	}
	queues := []string{statusUpdates, failedMessages}
	if status.Failure == nil {
		queues = queues[:1]
	}
	for _, queue := range queues {
		to := out.Item(queue)
		if to == nil {
			continue
		}
		left, err := outputs.Envelope{
			Type: conversation.StatusChanged, ID: status.ID(), Subject: status.MessageID, Time: status.Published, Event: event,
		}.Status(to, status)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		omitted.Add(left)
	}
	out.Count("statuses", counted(status))
	if status.Failure != nil {
		out.Count("failures", string(status.Failure.Class))
	}
	return omitted.Rejection()
}

// counted is the name under which a status is counted in the log: one that we
// know, for the provider could send anything.
func counted(s *conversation.Status) string {
	if s.Rank() == 0 {
		return "other"
	}
	return s.Status
}
