// Package advancedmessage is the function AdvancedMessageTrigger: it turns the
// event of a message that a person sent into a queue message and table rows.
package advancedmessage

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
const Name = "AdvancedMessageTrigger"

// The function's outputs, as function.json names them.
const (
	inboundMessages = "inboundMessages"
	messages        = "messages"
)

// Function is AdvancedMessageTrigger.
type Function struct {
	// Routes are consulted to explain an event of another type.
	Routes eventgrid.Routes
	// OptOut are the words by which a person asks to hear no more.
	OptOut conversation.OptOutWords
}

// Name is the name of the function's folder.
func (f *Function) Name() string { return Name }

// Outputs are the outputs that function.json may bind.
func (f *Function) Outputs() []bridge.Output {
	return []bridge.Output{
		{Name: inboundMessages, Kind: bridge.Queue, Every: true},
		{Name: messages, Kind: bridge.Table, Every: true},
	}
}

// Handle writes one event to out, or says why it can't.
func (f *Function) Handle(raw lenient.Value, out *bridge.Outputs) *bridge.Rejection {
	event, err := eventgrid.Decode(raw)
	if err != nil {
		return bridge.Reject(bridge.MalformedEvent, err.Error())
	}
	if !strings.EqualFold(event.Type, acs.TypeMessageReceived) {
		return bridge.Reject(bridge.UnexpectedType, f.Routes.Misrouted(event.Type))
	}
	message, err := acs.Message(event)
	if err != nil {
		return bridge.Reject(bridge.MalformedData, err.Error())
	}
	if message.ID() == "" {
		return bridge.Reject(bridge.MissingID, "neither the message nor the event has an id")
	}
	message.OptOut = f.OptOut.Match(message)
	return write(&message, &event, out)
}

func write(message *conversation.Message, event *messaging.CloudEvent, out *bridge.Outputs) *bridge.Rejection {
	var omitted bridge.Omitted
	if to := out.Item(inboundMessages); to != nil {
		left, err := outputs.Envelope{
			Type: conversation.MessageReceived, ID: message.ID(), Subject: message.ID(), Time: message.Published, Event: event,
		}.Message(to, message)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		omitted.Add(left)
	}
	for _, key := range message.Conversations {
		to := out.Item(messages)
		if to == nil {
			break
		}
		left, err := row(to, key, message)
		if err != nil {
			return bridge.Reject(bridge.Oversize, err.Error())
		}
		omitted.Add(left)
	}
	out.Count("kinds", string(message.Kind))
	return omitted.Rejection()
}
