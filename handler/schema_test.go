package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"whatsapp-functions/handler/lenient"
)

// The schemas of the outputs.
const (
	schemaReceived  = "message-received.v1.json"
	schemaStatus    = "message-status.v1.json"
	schemaMessages  = "messages-row.v1.json"
	schemaStatusRow = "message-status-row.v1.json"
	schemaRejected  = "rejected-events.v1.json"

	schemaPreference   = "contact-preference.v1.json"
	schemaChannelEvent = "channel-event.v1.json"

	schemaMediaRequested = "media-requested.v1.json"
)

// schemas compiles the files in schema/.
func schemas(t testing.TB) map[string]*jsonschema.Schema {
	t.Helper()
	compiled := map[string]*jsonschema.Schema{}
	compiler := jsonschema.NewCompiler()
	compiler.AssertVocabs()
	compiler.AssertFormat()
	for _, name := range []string{schemaReceived, schemaStatus, schemaMessages, schemaStatusRow, schemaRejected, schemaPreference, schemaChannelEvent, schemaMediaRequested} {
		schema, err := compiler.Compile(filepath.Join(repository, "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		compiled[name] = schema
	}
	return compiled
}

// bySchema returns the texts of outputs by their schema.
func (o outputs) bySchema(t testing.TB) map[string][]string {
	t.Helper()
	texts := map[string][]string{
		schemaReceived: o.InboundMessages, schemaMessages: o.Messages,
		schemaStatus: slices.Concat(o.FailedMessages, o.StatusUpdates), schemaStatusRow: o.MessageStatus,
		schemaPreference: o.Preferences, schemaChannelEvent: o.ChannelEvents, schemaMediaRequested: o.MediaRequests,
	}
	if o.RejectedEvents != "" {
		text, err := json.Marshal(decodeRejected(t, o.RejectedEvents), lenient.Options())
		if err != nil {
			t.Fatal(err)
		}
		texts[schemaRejected] = []string{string(text)}
	}
	return texts
}

func validate(schema *jsonschema.Schema, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// hostile returns events with values that no sample has.
func hostile() []jsontext.Value {
	const received = `{"id":"e","topic":"/t","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":%s}`
	const status = `{"id":"e","topic":"/t","subject":"advancedMessage/M/status/x","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":%s}`
	var events []jsontext.Value
	for _, data := range []string{
		`{}`,
		`{"messageId":"/\\#?|~\u0000\u0085","from":"a/b","fromBSUID":"a#b","to":"c?d","channelType":" "}`,
		`{"messageType":"image","media":{"caption":"c"},"context":{"from":"x"},"button":{"payload":"p"},"error":{"channelMessage":"m"}}`,
		`{"messageType":"reaction","reaction":{"emoji":"👍"}}`,
		`{"messageType":"interactive","interactive":{"listReply":{"title":"t"}}}`,
		`{"content":"` + strings.Repeat("é", 20_000) + `"}`,
		`{"content":"` + strings.Repeat("x", 40_000) + `"}`,
		`{"content":"` + strings.Repeat("x", 60_000) + `"}`,
		`{"messageType":"image","media":{"id":"1","caption":"` + strings.Repeat("x", 60_000) + `"}}`,
		`{"messageType":"button","button":{"text":"` + strings.Repeat("x", 60_000) + `"}}`,
		`{"media":{"id":"1","fileName":"` + strings.Repeat("x", 33_000) + `"}}`,
		`{"receivedTimestamp":"9999-12-31T23:59:59.9999999Z","content":"\ud800"}`,
	} {
		events = append(events, jsontext.Value(fmt.Sprintf(received, data)))
	}
	for _, data := range []string{
		`{}`,
		`{"messageId":"` + strings.Repeat("/", 500) + `","status":"` + strings.Repeat("S ", 500) + `"}`,
		`{"status":"failed","error":{"channelMessage":"m"}}`,
		`{"status":"failed","error":{"channelMessage":"` + strings.Repeat("x", 31_000) + `"},"more":"` + strings.Repeat("x", 31_000) + `"}`,
		`{"status":"failed","error":{"channelMessage":"` + strings.Repeat("x", 33_000) + `"}}`,
		`{"status":"failed","error":{"channelMessage":"` + strings.Repeat("x", 60_000) + `"}}`,
	} {
		events = append(events, jsontext.Value(fmt.Sprintf(status, data)))
	}
	return append(events, jsontext.Value(`{"eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{}}`))
}

func TestOutputsFollowTheirSchemas(t *testing.T) {
	compiled := schemas(t)
	server := serveApp(t, withStatusUpdates(t, mediaRequests()...), io.Discard)
	seen := map[string]int{}
	check := func(name string, events []jsontext.Value) {
		for _, function := range []string{receiver, statuses} {
			for schema, texts := range invoke(t, server, function, many(events)).Outputs.bySchema(t) {
				for _, text := range texts {
					seen[schema]++
					if err := validate(compiled[schema], text); err != nil {
						t.Errorf("%s at %s: %v\n%.2000s", name, function, err, text)
					}
				}
			}
		}
	}
	for _, name := range samples(t) {
		check(name, sample(t, name))
	}
	check("hostile", hostile())
	for schema := range compiled {
		if schema == schemaPreference || schema == schemaChannelEvent {
			continue // no event of Event Grid has these outputs
		}
		if seen[schema] < 10 {
			t.Errorf("%s was tried on %d outputs only", schema, seen[schema])
		}
	}
}
