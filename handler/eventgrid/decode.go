// Package eventgrid reads the envelopes in which Event Grid delivers events:
// its own schema and CloudEvents 1.0.
//
// Neither the SDK's decoder nor a strict one will do: Azure sends events with
// "time": null, specVersion for specversion, numbers for text, and one bad
// event must never take the others of its batch with it.
package eventgrid

import (
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/lenient"
)

// The names of the CloudEvents extension for distributed tracing, as they
// stand in Extensions.
const (
	TraceParent = "traceparent"
	TraceState  = "tracestate"
)

// What can be wrong with an envelope. The texts quote nothing of the event.
var (
	errNoType = errors.New("neither type (CloudEvents) nor eventType (Event Grid schema)")
	errBase64 = errors.New("data_base64 is not base64 of JSON")
)

// envelope holds the members of either schema as they were found.
type envelope struct {
	specVersion             string
	id, subject             string
	source, topic           string
	cloudType, gridType     string
	cloudTime, gridTime     string
	contentType, schema     string
	data                    jsontext.Value
	base64                  string
	traceParent, traceState string
}

// Decode reads one event, a JSON object as [lenient.Parse] returns it, in
// whichever schema it is written. In the event, Data is nil or a
// [jsontext.Value] that aliases raw, Time is nil unless it could be read, and
// ID and Source may be empty. Repeated names: the last one wins.
func Decode(raw jsontext.Value) (messaging.CloudEvent, error) {
	e := read(raw)
	switch {
	case e.specVersion != "" && e.cloudType != "":
		return e.event(e.specVersion, e.cloudType, e.source, e.cloudTime)
	case e.gridType != "":
		return e.event("1.0", e.gridType, e.topic, e.gridTime)
	case e.cloudType != "":
		// So Azure's page on dead letters prints its CloudEvents.
		return e.event("1.0", e.cloudType, e.source, e.cloudTime)
	default:
		return messaging.CloudEvent{}, errNoType
	}
}

func read(raw jsontext.Value) (e envelope) {
	var misspelt string
	for name, value := range lenient.Members(raw) {
		switch name {
		case "id":
			e.id = strings.TrimSpace(lenient.Text(value))
		case "subject":
			e.subject = lenient.Text(value)
		case "data":
			e.data = value
		case "data_base64":
			e.base64 = lenient.Text(value)
		case "specversion":
			e.specVersion = lenient.Text(value)
		case "specVersion": // as one specification misspells it
			misspelt = lenient.Text(value)
		case "type":
			e.cloudType = lenient.Text(value)
		case "source":
			e.source = lenient.Text(value)
		case "time":
			e.cloudTime = lenient.Text(value)
		case "datacontenttype":
			e.contentType = lenient.Text(value)
		case "dataschema":
			e.schema = lenient.Text(value)
		case "eventType":
			e.gridType = lenient.Text(value)
		case "topic":
			e.topic = lenient.Text(value)
		case "eventTime":
			e.gridTime = lenient.Text(value)
		case TraceParent:
			e.traceParent = lenient.Text(value)
		case TraceState:
			e.traceState = lenient.Text(value)
		}
	}
	if e.specVersion == "" {
		e.specVersion = misspelt
	}
	return e
}

func (e envelope) event(specVersion, eventType, source, at string) (messaging.CloudEvent, error) {
	data := e.data
	if e.base64 != "" && (data == nil || data.Kind() == jsontext.KindNull) {
		decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(e.base64, "="))
		if err != nil {
			return messaging.CloudEvent{}, errBase64
		}
		if data, err = lenient.Parse(lenient.Clean(decoded)); err != nil {
			return messaging.CloudEvent{}, errBase64
		}
	}
	event := messaging.CloudEvent{
		SpecVersion:     specVersion,
		ID:              e.id,
		Type:            eventType,
		Source:          source,
		Subject:         optional(e.subject),
		Time:            moment(at),
		DataContentType: optional(e.contentType),
		DataSchema:      optional(e.schema),
		Extensions:      e.tracing(),
	}
	if data != nil {
		event.Data = data
	}
	return event, nil
}

func (e envelope) tracing() map[string]any {
	if e.traceParent == "" && e.traceState == "" {
		return nil
	}
	extensions := make(map[string]any, 2)
	if e.traceParent != "" {
		extensions[TraceParent] = e.traceParent
	}
	if e.traceState != "" {
		extensions[TraceState] = e.traceState
	}
	return extensions
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func moment(text string) *time.Time {
	t, ok := lenient.Time(text)
	if !ok {
		return nil
	}
	return &t
}
