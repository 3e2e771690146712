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
	data                    lenient.Value
	base64                  string
	traceParent, traceState string
}

// Decode reads one event, a JSON object, in whichever schema it is written. In
// the event, Data is nil or a [lenient.Value], Time is nil unless it could be
// read, and ID and Source may be empty. Repeated names: the last one wins.
func Decode(raw lenient.Value) (messaging.CloudEvent, error) {
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

func read(raw lenient.Value) (e envelope) {
	var misspelt string
	for name, value := range raw.Members() {
		switch name {
		case "id":
			e.id = strings.TrimSpace(value.Text())
		case "subject":
			e.subject = value.Text()
		case "data":
			e.data = value
		case "data_base64":
			e.base64 = value.Text()
		case "specversion":
			e.specVersion = value.Text()
		case "specVersion": // as one specification misspells it
			misspelt = value.Text()
		case "type":
			e.cloudType = value.Text()
		case "source":
			e.source = value.Text()
		case "time":
			e.cloudTime = value.Text()
		case "datacontenttype":
			e.contentType = value.Text()
		case "dataschema":
			e.schema = value.Text()
		case "eventType":
			e.gridType = value.Text()
		case "topic":
			e.topic = value.Text()
		case "eventTime":
			e.gridTime = value.Text()
		case TraceParent:
			e.traceParent = value.Text()
		case TraceState:
			e.traceState = value.Text()
		}
	}
	if e.specVersion == "" {
		e.specVersion = misspelt
	}
	return e
}

func (e envelope) event(specVersion, eventType, source, at string) (messaging.CloudEvent, error) {
	data := e.data
	if e.base64 != "" && (data == "" || data.Kind() == jsontext.KindNull) {
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
	if data != "" {
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
