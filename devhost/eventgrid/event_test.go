package eventgrid

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	gridEvent  = `{"id":"1","topic":"/t","subject":"s","eventType":"T","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","data":{"n": 1.10,"u":"\u00e9"},"extra":[1]}`
	cloudEvent = `{"specversion":"1.0","type":"T","source":"/t","id":"1","time":"2026-11-20T09:15:03Z","subject":"s","data":{"n": 1.10},"traceparent":"p","datacontenttype":"application/json"}`
)

func TestSchemas(t *testing.T) {
	for name, test := range map[string]struct{ event, schema, want string }{
		"Event Grid unchanged": {
			gridEvent, EventGridSchema,
			`{"id":"1","topic":"/t","subject":"s","eventType":"T","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","data":{"n": 1.10,"u":"\u00e9"},"extra":[1],"metadataVersion":"1"}`,
		},
		"Event Grid as CloudEvent": {
			gridEvent, CloudEventSchema,
			`{"id":"1","source":"/t","subject":"s","data":{"n": 1.10,"u":"\u00e9"},"type":"T","time":"2026-11-20T09:15:03Z","specversion":"1.0","extra":[1]}`,
		},
		"CloudEvent unchanged": {cloudEvent, CloudEventSchema, cloudEvent},
		"CloudEvent as Event Grid": {
			cloudEvent, EventGridSchema,
			`{"id":"1","topic":"/t","subject":"s","data":{"n": 1.10},"eventType":"T","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","metadataVersion":"1","traceparent":"p"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			events, err := ParseEvents([]byte("[" + test.event + "]"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(events[0].In(test.schema).JSON())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTopicIsAdded(t *testing.T) {
	events, err := ParseEvents([]byte("[" + strings.Replace(gridEvent, `"topic":"/t"`, `"topic":""`, 1) + "]"))
	if err != nil || events[0].text("topic") != LocalTopic {
		t.Error(events, err)
	}
}

// The topic takes what the service takes, and completes it in the same way.
func TestParseEventsAccepts(t *testing.T) {
	files, err := filepath.Glob("testdata/publish/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	bodies := map[string]string{"a single event": gridEvent, "an array with a byte order mark": "\uFEFF[" + gridEvent + "]", "no event": "[]"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bodies[file] = string(text)
	}
	for _, form := range []string{
		"2026-11-25T07:00:01+0000", "2026-11-25T07:00:01-08", "2026-11-25T07:00:01.1234567Z", "2026-11-25T07:00:01", "2026-11-25 07:00:01",
		"2026-11-25", "Wed, 25 Nov 2026 07:00:01 GMT", "11/25/2026 07:00:01",
	} {
		bodies["time "+form] = strings.Replace(gridEvent, "2026-11-20T09:15:03Z", form, 1)
	}
	for name, body := range bodies {
		if _, err := ParseEvents([]byte(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	events, err := ParseEvents([]byte(`{"id":12345,"eventType":"T","subject":"s","eventTime":"2026-11-25T07:00:01","dataVersion":null,"topic":null,"data":1}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"12345","eventType":"T","subject":"s","eventTime":"2026-11-25T07:00:01","dataVersion":"","topic":"` + LocalTopic + `","data":1}`
	if diff := cmp.Diff(want, string(events[0].JSON())); diff != "" {
		t.Error(diff)
	}
}

func TestParseEventsRefuses(t *testing.T) {
	grid := func(old, new string) string { return strings.Replace(gridEvent, old, new, 1) }
	cloud := func(old, new string) string { return strings.Replace(cloudEvent, old, new, 1) }
	for name, test := range map[string]struct{ body, want string }{
		"an empty body":                 {"", "the body is not JSON: unexpected EOF"},
		"a body that ends early":        {`[{"id":"1"`, "the body is not JSON: unexpected EOF within \"/0\" after offset 10"},
		"a trailing comma":              {`[{"id":"1"},]`, "the body is not JSON: invalid character ']' at start of value within \"/1\" after offset 12"},
		"the same field twice":          {`[{"id":"1","id":"2"}]`, "the body has an object with the same field twice"},
		"half a surrogate pair":         {`[{"id":"\ud83d"}]`, `the body has a string that is not Unicode: invalid UTF-8, or half of a surrogate pair such as \ud83d`},
		"null":                          {"null", "the body must be an event or an array of events"},
		"a number":                      {"[7]", "event 0: an event must be an object"},
		"no schema":                     {`[{"id":"1"}]`, "event 0: it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)"},
		"fields in capitals":            {`[{"Id":"1","EventType":"T"}]`, "event 0: it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents): write id, not Id"},
		"specVersion":                   {cloud("specversion", "specVersion"), "event 0: specversion is missing: a CloudEvent needs it"},
		"no subject":                    {"[" + gridEvent + "," + grid(`"subject":"s",`, "") + "]", "event 1: subject is missing"},
		"eventtime":                     {grid("eventTime", "eventtime"), "event 0: eventTime is missing: write eventTime, not eventtime"},
		"a blank id":                    {grid(`"id":"1"`, `"id":" "`), "event 0: id is empty"},
		"an id that is null":            {grid(`"id":"1"`, `"id":null`), "event 0: id is missing"},
		"an id that is an object":       {grid(`"id":"1"`, `"id":{}`), "event 0: id must be a string"},
		"a topic that is a number":      {grid(`"/t"`, "7"), "event 0: topic must be a string"},
		"a time of words":               {grid("2026-11-20T09:15:03Z", "today"), `event 0: eventTime is "today": it must be a time such as 2026-11-20T09:15:03Z`},
		"a time that is a number":       {grid(`"2026-11-20T09:15:03Z"`, "1764000000"), "event 0: eventTime must be a string"},
		"a CloudEvent without source":   {cloud(`"source":"/t",`, ""), "event 0: source is missing"},
		"a CloudEvent with a number id": {cloud(`"id":"1"`, `"id":1`), "event 0: id must be a string"},
		"a CloudEvent of version 0.3":   {cloud(`"1.0"`, `"0.3"`), `event 0: specversion is "0.3": it must be 1.0`},
		"a CloudEvent's time":           {cloud("09:15:03Z", "09:15:03+0000"), `event 0: time is "2026-11-20T09:15:03+0000": it must be a time such as 2026-11-20T09:15:03Z`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseEvents([]byte(test.body))
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestSubscriptions(t *testing.T) {
	ours, err := ReadSubscriptions("../../infra/subscriptions.json")
	if err != nil {
		t.Fatal(err)
	}
	want := Subscription{
		Name: "messages", EventType: "Microsoft.Communication.AdvancedMessageReceived", Function: "AdvancedMessageTrigger",
		DeliverySchema: CloudEventSchema, MaxEventsPerBatch: 100, PreferredBatchSizeInKilobytes: 64,
		MaxDeliveryAttempts: 30, EventTimeToLiveInMinutes: 1440, DeadLetterContainer: "dead-letters",
	}
	if diff := cmp.Diff(want, ours[0]); diff != "" || len(ours) != 2 {
		t.Errorf("%d subscriptions, the first: %s", len(ours), diff)
	}
	for name, test := range map[string]struct{ text, want string }{
		"the service's defaults": {`{"name":"sub","eventType":"T","function":"F"}`, ""},
		"no function":            {`{"name":"sub","eventType":"T"}`, "FILE: subscriptions[0]: function is missing"},
		"a path as the name":     {`{"name":"../sub","eventType":"T","function":"F"}`, `FILE: subscriptions[0]: name is "../sub": write 3 to 64 letters, digits and hyphens`},
		"a batch too large":      {`{"name":"sub","eventType":"T","function":"F","maxEventsPerBatch":5001}`, "FILE: subscriptions[0]: maxEventsPerBatch is 5001: write a number from 1 to 5000"},
		"unlimited attempts":     {`{"name":"sub","eventType":"T","function":"F","maxDeliveryAttempts":-1}`, "FILE: subscriptions[0]: maxDeliveryAttempts is -1: write a number from 1 to 30"},
		"an unknown schema":      {`{"name":"sub","eventType":"T","function":"F","deliverySchema":"Custom"}`, `FILE: subscriptions[0]: deliverySchema is "Custom": write CloudEventSchemaV1_0 or EventGridSchema`},
		"a misspelt field":       {`{"name":"sub","eventType":"T","function":"F","maxBatch":1}`, `unknown object member name "maxBatch" within "/subscriptions/0"`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "subscriptions.json")
			if err := os.WriteFile(file, []byte(`{"subscriptions":[`+test.text+`]}`), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadSubscriptions(file)
			if test.want == "" {
				want := []Subscription{{
					Name: "sub", EventType: "T", Function: "F", DeliverySchema: EventGridSchema, MaxEventsPerBatch: 1,
					PreferredBatchSizeInKilobytes: 64, MaxDeliveryAttempts: 30, EventTimeToLiveInMinutes: 1440,
				}}
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Error(diff, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), strings.Replace(test.want, "FILE", file, 1)) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
