// Package bridge is the host's half of the custom handler protocol: the request
// that the host sends for an invocation, the handler's answer, and the outputs
// that the answer writes.
//
// The rules come from the source of azure-functions-host, azure-webjobs-sdk and
// the extensions in azure-sdk-for-net; comments name the file.
package bridge

import (
	"slices"
	"strings"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// HostVersion is the version of the Functions host that devhost imitates.
const HostVersion = "4.1054.250.26428"

// Call describes one invocation to the handler.
type Call struct {
	// ID is the invocation's id, a GUID in lower case.
	ID string
	// Function is the function's name, Trigger that of its trigger binding.
	Function, Trigger string
	// Events are the delivery: exactly one event unless Many is set. That of an
	// HTTP trigger is the value of the request, that of a queue trigger the value
	// of the message.
	Events []dotnet.Value
	// Request is the request to an HTTP trigger; nil for other triggers.
	Request *HTTPRequest
	// Message is the message of a queue trigger; nil for other triggers.
	Message *QueueMessage
	// Key is the access key in the request, which must not be shown.
	Key string
	// Many passes all events as one array (cardinality many).
	Many bool
	// Now is the time of the call.
	Now time.Time
	// GUID is a new GUID that the handler may use.
	GUID string
	// Input is the text that a user passed to the admin endpoint instead of
	// an event; "" for a delivery.
	Input string
	// Retry is set if the app has a retry policy, from the first attempt on.
	Retry *Retry
}

// Retry describes the attempts of an invocation.
type Retry struct {
	// Count is 0 for the first attempt.
	Count int
	// Max is the largest number of retries; -1 means no limit.
	Max int
}

// Body returns the body of the request:
//
//	{"Data":{"<trigger>":…},"Metadata":{"data":…,"sys":{…}}}
//
// Metadata of an HTTP request or a queue message has its binding data instead of
// data. If that has a field sys, the host's own is called $sys.
func (c Call) Body() string {
	metadata, last := c.metadata()
	system := "sys"
	if slices.ContainsFunc(slices.Concat(metadata, last), func(f dotnet.Field) bool { return strings.EqualFold(f.Name, system) }) {
		system = "$sys"
	}
	metadata = append(metadata, dotnet.Field{Name: system, Value: dotnet.NewObject(
		dotnet.Field{Name: "MethodName", Value: dotnet.NewString(c.Function)},
		dotnet.Field{Name: "UtcNow", Value: dotnet.NewString(dotnet.Date{Time: c.Now.UTC(), Zone: dotnet.UTC}.ISO())},
		dotnet.Field{Name: "RandGuid", Value: dotnet.NewString(c.GUID)},
	)})
	if c.Retry != nil {
		metadata = append(metadata, dotnet.Field{Name: "RetryContext", Value: dotnet.NewObject(
			dotnet.Field{Name: "RetryCount", Value: dotnet.NewInteger(c.Retry.Count)},
			dotnet.Field{Name: "MaxRetryCount", Value: dotnet.NewInteger(c.Retry.Max)},
			dotnet.Field{Name: "Exception"},
			dotnet.Field{Name: "Instance"},
			dotnet.Field{Name: "State", Value: dotnet.NewObject()},
		)})
	}
	return dotnet.NewObject(
		dotnet.Field{Name: "Data", Value: dotnet.NewObject(dotnet.Field{Name: c.Trigger, Value: c.data()})},
		dotnet.Field{Name: "Metadata", Value: dotnet.NewObject(append(metadata, last...)...)},
	).Compact()
}

// metadata returns the fields of Metadata before and after sys.
func (c Call) metadata() (before, after []dotnet.Field) {
	if c.Input != "" {
		before = append(before, dotnet.Field{Name: c.Trigger, Value: pass(dotnet.NewString(c.Input))})
	}
	if c.Message != nil {
		properties, fields := c.Message.metadata()
		return append(before, properties...), fields
	}
	for _, field := range c.BindingData() {
		before = append(before, dotnet.Field{Name: field.Name, Value: pass(field.Value)})
	}
	return before, nil
}

// data returns the value of the trigger in Data.
func (c Call) data() dotnet.Value {
	if c.Message != nil && c.Message.Binary {
		return c.Events[0] // bytes in base64 are passed once
	}
	return pass(c.trigger())
}

// trigger returns the trigger's value.
func (c Call) trigger() dotnet.Value {
	if c.Many {
		return dotnet.NewArray(c.Events...)
	}
	return c.Events[0]
}

// BindingData returns what the trigger provides for binding expressions: the data
// of the event if it has any, or of all events, or that of an HTTP request or a
// queue message.
func (c Call) BindingData() []dotnet.Field {
	if c.Request != nil {
		return c.Request.BindingData
	}
	if c.Message != nil {
		return c.Message.bindingData()
	}
	if !c.Many {
		data, ok := c.Events[0].Get("data")
		if !ok {
			return nil
		}
		return []dotnet.Field{{Name: "data", Value: data}}
	}
	all := make([]dotnet.Value, len(c.Events))
	for i, event := range c.Events {
		all[i], _ = event.Get("data")
	}
	return []dotnet.Field{{Name: "data", Value: dotnet.NewArray(all...)}}
}

// pass returns a value as the host passes it: an object unchanged, anything else
// as a string that contains its JSON (ScriptInvocationContextExtensions.cs).
func pass(v dotnet.Value) dotnet.Value {
	if v.Kind == dotnet.KindObject {
		return v
	}
	return dotnet.NewString(v.Compact())
}
