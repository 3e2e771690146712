// Package invocation is one call of the handler: the request that the host
// sends it, and what the host makes of the answer.
package bridge

import (
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// HostVersion is the version of the host that devhost plays.
const HostVersion = "4.1054.250.26428"

// Call is what the host tells the handler about one invocation.
type Call struct {
	// ID is the invocation's id, a GUID in lower case.
	ID string
	// Function is the function's name.
	Function string
	// Trigger is the name of its trigger binding.
	Trigger string
	// Events are the delivery. Unless Many is set there is exactly one.
	Events []dotnet.Value
	// Many hands the events over as a whole (cardinality many).
	Many bool
	// Now is when the host makes the call.
	Now time.Time
	// GUID is a new GUID, which the handler may use.
	GUID string
	// Input is the text that a person gave the host in the place of an event;
	// "" for a delivery.
	Input string
	// Retry is told if the app has a retry policy, from the first try on.
	Retry *Retry
}

// Retry says which try of an invocation it is.
type Retry struct {
	// Count is 0 at the first try.
	Count int
	// Max is how often it is tried again at most; -1 is without end.
	Max int
}

// Body is the body of the request:
//
//	{"Data":{"<trigger>":…},"Metadata":{"data":…,"sys":{…}}}
func (c Call) Body() string {
	metadata := dotnet.NewObject()
	if c.Input != "" {
		metadata.Fields = append(metadata.Fields, dotnet.Field{Name: c.Trigger, Value: hand(dotnet.NewString(c.Input))})
	}
	if data, ok := c.data(); ok {
		metadata.Fields = append(metadata.Fields, dotnet.Field{Name: "data", Value: hand(data)})
	}
	metadata.Fields = append(metadata.Fields, dotnet.Field{Name: "sys", Value: c.system()})
	if c.Retry != nil {
		metadata.Fields = append(metadata.Fields, dotnet.Field{Name: "RetryContext", Value: c.Retry.value()})
	}
	body := dotnet.NewObject(
		dotnet.Field{Name: "Data", Value: dotnet.NewObject(dotnet.Field{Name: c.Trigger, Value: hand(c.trigger())})},
		dotnet.Field{Name: "Metadata", Value: metadata},
	)
	return body.Compact()
}

func (c Call) trigger() dotnet.Value {
	if c.Many {
		return dotnet.NewArray(c.Events...)
	}
	return c.Events[0]
}

// data is the data of the event, if it has any, or of all events.
func (c Call) data() (dotnet.Value, bool) {
	if !c.Many {
		return c.Events[0].Get("data")
	}
	all := dotnet.NewArray()
	for _, event := range c.Events {
		data, _ := event.Get("data")
		all.Items = append(all.Items, data)
	}
	return all, true
}

func (c Call) system() dotnet.Value {
	return dotnet.NewObject(
		dotnet.Field{Name: "MethodName", Value: dotnet.NewString(c.Function)},
		dotnet.Field{Name: "UtcNow", Value: dotnet.NewString(dotnet.Date{Time: c.Now.UTC(), Zone: dotnet.UTC}.ISO())},
		dotnet.Field{Name: "RandGuid", Value: dotnet.NewString(c.GUID)},
	)
}

func (r Retry) value() dotnet.Value {
	return dotnet.NewObject(
		dotnet.Field{Name: "RetryCount", Value: dotnet.NewInteger(r.Count)},
		dotnet.Field{Name: "MaxRetryCount", Value: dotnet.NewInteger(r.Max)},
		dotnet.Field{Name: "Exception"},
		dotnet.Field{Name: "Instance"},
		dotnet.Field{Name: "State", Value: dotnet.NewObject()},
	)
}

// hand applies the rule by which the host hands values over: an object as it
// is, anything else as a text that holds its JSON
// (ScriptInvocationContextExtensions.cs).
func hand(v dotnet.Value) dotnet.Value {
	if v.Kind == dotnet.KindObject {
		return v
	}
	return dotnet.NewString(v.Compact())
}
