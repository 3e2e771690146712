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
)

// The names of the functions, which are those of their folders.
const (
	AdvancedMessageTrigger = "AdvancedMessageTrigger"
	StatusTrigger          = "StatusTrigger"
)

// conversions lists the event types with the function that takes them, and how it
// reads and writes them. To add a provider, add rows.
var conversions = []conversion{
	{acs.TypeMessageReceived, AdvancedMessageTrigger, messages(acs.Message)},
	{acs.TypeStatusUpdated, StatusTrigger, statuses(acs.Status)},
}

type conversion struct {
	eventType string
	function  string
	via       converter
}

// converter turns events into the values of outputs.
type converter struct {
	outputs []bridge.Output
	convert func(event *messaging.CloudEvent, settings Settings, to *bridge.Results) *bridge.Rejection
}

// messages converts the events that read returns messages from.
func messages(read func(messaging.CloudEvent) (conversation.Message, error)) converter {
	return converter{messageOutputs, convert(read, writeMessage)}
}

// statuses converts the events that read returns statuses from.
func statuses(read func(messaging.CloudEvent) (conversation.Status, error)) converter {
	return converter{statusOutputs, convert(read, writeStatus)}
}

// convert reads an event, checks that it has an id and writes it.
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
}

// All returns the functions of the app.
func All(settings Settings) (all []bridge.Function) {
	for _, name := range names() {
		all = append(all, bridge.Function{
			Name:    name,
			Trigger: bridge.EventGridTrigger,
			Outputs: outputs(name),
			Handle: func(event lenient.Value, to *bridge.Results) *bridge.Rejection {
				return handle(name, event, settings, to)
			},
		})
	}
	return all
}

// EventTypes returns the event types that a function takes.
func EventTypes(function string) (types []string) {
	for _, c := range conversions {
		if c.function == function {
			types = append(types, c.eventType)
		}
	}
	return types
}

// names returns the functions in the order of conversions.
func names() (names []string) {
	for _, c := range conversions {
		if !slices.Contains(names, c.function) {
			names = append(names, c.function)
		}
	}
	return names
}

func outputs(function string) (outputs []bridge.Output) {
	for _, c := range conversions {
		if c.function != function {
			continue
		}
		for _, output := range c.via.outputs {
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
		if c.function == function && strings.EqualFold(c.eventType, event.Type) {
			return c.via.convert(&event, settings, to)
		}
	}
	return bridge.Reject(bridge.UnexpectedType, unexpected(event.Type))
}

// unexpected explains why a function does not take events of this type.
func unexpected(eventType string) string {
	for _, c := range conversions {
		if strings.EqualFold(c.eventType, eventType) {
			return fmt.Sprintf("%s belongs to the function %s: correct the event subscription", c.eventType, c.function)
		}
	}
	return fmt.Sprintf("no function of this app takes %s: narrow the event subscription to the types it needs", eventType)
}
