package eventgrid_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
)

var moment = time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC)

func TestDecode(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		want  messaging.CloudEvent
	}{
		"Event Grid schema": {
			`{"id":"1","topic":"/t","subject":"s","eventType":"T","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","metadataVersion":"1","data":{"a": 1}}`,
			messaging.CloudEvent{ID: "1", Source: "/t", Subject: new("s"), Type: "T", Time: &moment, SpecVersion: "1.0", Data: lenient.Value(`{"a": 1}`)},
		},
		"CloudEvents": {
			`{"id":"1","source":"/s","subject":"s","type":"T","time":"2026-11-20T09:15:03Z","specversion":"1.0","datacontenttype":"application/json","dataschema":"#","data":{"a":1}}`,
			messaging.CloudEvent{
				ID: "1", Source: "/s", Subject: new("s"), Type: "T", Time: &moment, SpecVersion: "1.0",
				DataContentType: new("application/json"), DataSchema: new("#"), Data: lenient.Value(`{"a":1}`),
			},
		},
		"specVersion instead of specversion": {
			`{"specVersion":"1.0","type":"T"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T"},
		},
		"an older version": {
			`{"specversion":"0.3","type":"T"}`,
			messaging.CloudEvent{SpecVersion: "0.3", Type: "T"},
		},
		"the fields of both schemas: the version decides": {
			`{"specversion":"1.0","type":"T","eventType":"E","topic":"/t","source":"/s"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Source: "/s"},
		},
		"time null, subject null, id a number": {
			`{"specversion":"1.0","type":"T","time":null,"subject":null,"id":7}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", ID: "7"},
		},
		"a time that can't be read": {
			`{"eventType":"T","eventTime":"soon"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T"},
		},
		"a time with an escaped plus sign": {
			`{"eventType":"T","eventTime":"2026-11-20T10:15:03\u002B01:00"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Time: &moment},
		},
		"data null is data": {
			`{"eventType":"T","data":null}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Data: lenient.Value("null")},
		},
		"data in base64": {
			`{"specversion":"1.0","type":"T","data_base64":"eyJhIjoxfQ=="}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Data: lenient.Value(`{"a":1}`)},
		},
		"data and base64: data": {
			`{"specversion":"1.0","type":"T","data_base64":"eyJhIjoxfQ==","data":{}}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Data: lenient.Value(`{}`)},
		},
		"a type but no version, as on Azure's page on dead letters": {
			`{"id":"1","source":"/s","dataversion":"1.0","type":"T","deadletterreason":"MaxDeliveryAttemptsExceeded"}`,
			messaging.CloudEvent{SpecVersion: "1.0", ID: "1", Type: "T", Source: "/s"},
		},
		"a version, but the type of the other schema": {
			`{"specversion":"1.0","eventType":"T","topic":"/t"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Source: "/t"},
		},
		"a version twice, the misspelt one empty": {
			`{"specversion":"1.0","specVersion":null,"type":"T"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T"},
		},
		"an id of nothing but space": {
			`{"specversion":"1.0","type":"T","id":" "}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T"},
		},
		"data null and base64, without the signs at its end": {
			`{"specversion":"1.0","type":"T","data":null,"data_base64":"77u/eyJhIjoxfQ"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", Data: lenient.Value(`{"a":1}`)},
		},
		"a trace": {
			`{"eventType":"T","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"a=b"}`,
			messaging.CloudEvent{
				SpecVersion: "1.0", Type: "T",
				Extensions: map[string]any{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=b"},
			},
		},
		"a repeated field: the last one": {
			`{"eventType":"T","id":"1","id":"2"}`,
			messaging.CloudEvent{SpecVersion: "1.0", Type: "T", ID: "2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := eventgrid.Decode(lenient.Value(test.event))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, test := range map[string]struct{ event, want string }{
		"no type":                    {`{"id":"1"}`, "neither type (CloudEvents) nor eventType (Event Grid schema)"},
		"a version but no type":      {`{"specversion":"1.0","id":"1"}`, "neither type (CloudEvents) nor eventType (Event Grid schema)"},
		"types that are not strings": {`{"eventType":{"a":1}}`, "neither type (CloudEvents) nor eventType (Event Grid schema)"},
		"not base64":                 {`{"specversion":"1.0","type":"T","data_base64":"4255550123!"}`, "data_base64 is not base64 of JSON"},
		"base64 of something else":   {`{"specversion":"1.0","type":"T","data_base64":"aGVsbG8="}`, "data_base64 is not base64 of JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := eventgrid.Decode(lenient.Value(test.event))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// If the SDK can read a CloudEvent, Decode reads the same.
func TestDecodeLikeTheSDK(t *testing.T) {
	files, err := filepath.Glob("../../testdata/events/ce_*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	refused := map[string]bool{"ce_time_null.json": true}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			events, err := lenient.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			for raw := range events.Elements() {
				got, err := eventgrid.Decode(raw)
				if err != nil {
					t.Fatal(err)
				}
				var want messaging.CloudEvent
				err = want.UnmarshalJSON([]byte(raw))
				if refused := refused[filepath.Base(file)]; refused != (err != nil) {
					t.Fatalf("the error of the SDK is %v", err)
				}
				if err != nil {
					continue
				}
				want.Data = lenient.Value(want.Data.([]byte))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func parse(text string) lenient.Value {
	value, err := lenient.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return value
}
