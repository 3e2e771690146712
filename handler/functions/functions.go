// Package functions holds the functions of the app: which event types each one
// takes, and what it writes.
package functions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
	"whatsapp-functions/handler/meta"
)

// The names of the functions, which are those of their folders.
const (
	AdvancedMessageTrigger = "AdvancedMessageTrigger"
	StatusTrigger          = "StatusTrigger"
	WebhookTrigger         = "WebhookTrigger"
)

// conversions lists the event types, the functions that take each, and how an event of
// the type is read and written. To add a provider, add rows. Event Grid delivers the
// events of ACS. WebhookTrigger makes those of Meta from a webhook; redeliver delivers
// them to the other functions, which have an Event Grid trigger.
var conversions = []conversion{
	{acs.TypeMessageReceived, []string{AdvancedMessageTrigger}, messages(acs.Message)},
	{acs.TypeStatusUpdated, []string{StatusTrigger}, statuses(acs.Status)},
	{meta.TypeMessageReceived, []string{WebhookTrigger, AdvancedMessageTrigger}, messages(meta.Message)},
	{meta.TypeStatusUpdated, []string{WebhookTrigger, StatusTrigger}, statuses(meta.Status)},
	{meta.TypePreferenceChanged, []string{WebhookTrigger, AdvancedMessageTrigger}, preferences(meta.Preference)},
	{meta.TypeChannelEvent, []string{WebhookTrigger, StatusTrigger}, channelEvents(meta.ChannelEvent)},
}

type conversion struct {
	eventType string
	functions []string
	converter
}

// takenBy reports whether a function takes events of the type.
func (c *conversion) takenBy(function string) bool { return slices.Contains(c.functions, function) }

// converter reads events and writes outputs.
type converter struct {
	// outputs are all outputs that convert may write.
	outputs []bridge.Output
	// convert writes the outputs of one event, or returns why it is rejected.
	convert func(event *messaging.CloudEvent, settings Settings, to *bridge.Results) *bridge.Rejection
}

// messages returns the converter of events that read decodes into messages.
func messages(read func(messaging.CloudEvent) (conversation.Message, error)) converter {
	return converter{messageOutputs, convert(read, writeMessage)}
}

// statuses returns the converter of events that read decodes into statuses.
func statuses(read func(messaging.CloudEvent) (conversation.Status, error)) converter {
	return converter{statusOutputs, convert(read, writeStatus)}
}

// preferences returns the converter of events that read decodes into preferences.
func preferences(read func(messaging.CloudEvent) (conversation.Preference, error)) converter {
	return converter{preferenceOutputs, convert(read, writePreference)}
}

// channelEvents returns the converter of events that read decodes into events of a
// channel.
func channelEvents(read func(messaging.CloudEvent) (conversation.ChannelEvent, error)) converter {
	return converter{channelEventOutputs, convert(read, writeChannelEvent)}
}

// convert returns a function that reads an event into a value, rejects a value without
// an id, and writes it.
func convert[T any, P interface {
	*T
	ID() string
}](
	read func(messaging.CloudEvent) (T, error),
	write func(event *messaging.CloudEvent, value P, settings Settings, to *bridge.Results) *bridge.Rejection,
) func(*messaging.CloudEvent, Settings, *bridge.Results) *bridge.Rejection {
	return func(event *messaging.CloudEvent, settings Settings, to *bridge.Results) *bridge.Rejection {
		value, err := read(*event)
		if err != nil {
			return bridge.Reject(bridge.MalformedData, err.Error())
		}
		if P(&value).ID() == "" {
			return bridge.Reject(bridge.MissingID, "no message id, neither in the data nor in the envelope")
		}
		return write(event, &value, settings, to)
	}
}

// Settings configure the functions.
type Settings struct {
	// OptOut are the words with which people ask for no more messages.
	OptOut conversation.OptOutWords
	// Secrets check the senders of webhooks.
	Secrets meta.Secrets
	// KeepProfileNames keeps the names in people's profiles.
	KeepProfileNames bool
}

// All returns the functions of the app.
func All(settings Settings) (all []bridge.Function) {
	for _, name := range names() {
		function := bridge.Function{
			Name:    name,
			Trigger: bridge.EventGridTrigger,
			Outputs: outputs(name),
			Handle: func(event lenient.Value, to *bridge.Results) *bridge.Rejection {
				return handle(name, event, settings, to)
			},
		}
		if name == WebhookTrigger {
			function.Trigger = bridge.HTTPTrigger
			function.Receive = func(request *bridge.Request) (bridge.Response, []bridge.Entry) {
				return receiveWebhook(request, settings)
			}
		}
		all = append(all, function)
	}
	return all
}

// EventTypes returns the event types that a function takes.
func EventTypes(function string) (types []string) {
	for _, c := range conversions {
		if c.takenBy(function) {
			types = append(types, c.eventType)
		}
	}
	return types
}

// names returns the functions in the order of conversions.
func names() (names []string) {
	for _, c := range conversions {
		for _, function := range c.functions {
			if !slices.Contains(names, function) {
				names = append(names, function)
			}
		}
	}
	return names
}

func outputs(function string) (outputs []bridge.Output) {
	for _, c := range conversions {
		if !c.takenBy(function) {
			continue
		}
		for _, output := range c.outputs {
			if !slices.Contains(outputs, output) {
				outputs = append(outputs, output)
			}
		}
	}
	return outputs
}

// handle writes what a function makes of one event, or returns why it writes
// nothing.
func handle(function string, raw lenient.Value, settings Settings, to *bridge.Results) *bridge.Rejection {
	event, err := eventgrid.Decode(raw)
	if err != nil {
		return bridge.Reject(bridge.MalformedEvent, err.Error())
	}
	for _, c := range conversions {
		if c.takenBy(function) && strings.EqualFold(c.eventType, event.Type) {
			return c.convert(&event, settings, to)
		}
	}
	return bridge.Reject(bridge.UnexpectedType, unexpected(event.Type))
}

// unexpected explains why a function does not take events of this type.
func unexpected(eventType string) string {
	for _, c := range conversions {
		if strings.EqualFold(c.eventType, eventType) {
			return fmt.Sprintf("%s belongs to the function %s: correct the event subscription", c.eventType, strings.Join(c.functions, " or "))
		}
	}
	return fmt.Sprintf("no function of this app takes %s: narrow the event subscription to the types it needs", eventType)
}
