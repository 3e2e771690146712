// Package eventgrid reads the envelopes in which Event Grid delivers events:
// Event Grid's own schema and CloudEvents 1.0.
//
// The SDK's decoder is too strict for it. Azure sends events with "time": null,
// with specVersion instead of specversion and with numbers instead of strings,
// and one bad event must not fail the others of its batch.
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

// The CloudEvents extension for distributed tracing, as keys of Extensions.
const (
	TraceParent = "traceparent"
	TraceState  = "tracestate"
)

// The errors of Decode quote nothing of the event.
var (
	errNoType = errors.New("neither type (CloudEvents) nor eventType (Event Grid schema)")
	errBase64 = errors.New("data_base64 is not base64 of JSON")
)

// Decode reads one event, a JSON object, in either schema. Data of the result is
// nil or a [lenient.Value], Time is nil if it can't be read, and ID and Source
// may be empty.
func Decode(raw lenient.Value) (messaging.CloudEvent, error) {
	fields := raw.Fields()
	text := func(name string) string { return fields.Get(name).Text() }
	event := messaging.CloudEvent{
		SpecVersion:     "1.0",
		ID:              strings.TrimSpace(text("id")),
		Subject:         optional(text("subject")),
		DataContentType: optional(text("datacontenttype")),
		DataSchema:      optional(text("dataschema")),
		Extensions:      tracing(text(TraceParent), text(TraceState)),
	}
	version, cloudType, gridType := text("specversion"), text("type"), text("eventType")
	switch {
	case version != "" && cloudType != "":
		event.SpecVersion, event.Type, event.Source, event.Time = version, cloudType, text("source"), timeOf(text("time"))
	case gridType != "":
		event.Type, event.Source, event.Time = gridType, text("topic"), timeOf(text("eventTime"))
	case cloudType != "":
		// Azure's page on dead-lettering shows CloudEvents without a version.
		event.Type, event.Source, event.Time = cloudType, text("source"), timeOf(text("time"))
	default:
		return messaging.CloudEvent{}, errNoType
	}
	data, err := dataOf(&fields)
	if err != nil {
		return messaging.CloudEvent{}, err
	}
	if data != "" {
		event.Data = data
	}
	return event, nil
}

// dataOf returns the data, which may be in base64; "" if there is none.
func dataOf(fields *lenient.Fields) (lenient.Value, error) {
	data, encoded := fields.Get("data"), fields.Get("data_base64").Text()
	if encoded == "" || data != "" && data.Kind() != jsontext.KindNull {
		return data, nil
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return "", errBase64
	}
	if data, err = lenient.Parse(lenient.Clean(decoded)); err != nil {
		return "", errBase64
	}
	return data, nil
}

func tracing(parent, state string) map[string]any {
	if parent == "" && state == "" {
		return nil
	}
	extensions := make(map[string]any, 2)
	if parent != "" {
		extensions[TraceParent] = parent
	}
	if state != "" {
		extensions[TraceState] = state
	}
	return extensions
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	set := text // only this copy is allocated
	return &set
}

func timeOf(text string) *time.Time {
	t, ok := lenient.Time(text)
	if !ok {
		return nil
	}
	return &t
}
