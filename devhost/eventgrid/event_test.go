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
		"Event Grid as it is": {
			gridEvent, EventGridSchema,
			`{"id":"1","topic":"/t","subject":"s","eventType":"T","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1.0","data":{"n": 1.10,"u":"\u00e9"},"extra":[1],"metadataVersion":"1"}`,
		},
		"Event Grid as CloudEvent": {
			gridEvent, CloudEventSchema,
			`{"id":"1","source":"/t","subject":"s","data":{"n": 1.10,"u":"\u00e9"},"type":"T","time":"2026-11-20T09:15:03Z","specversion":"1.0","extra":[1]}`,
		},
		"CloudEvent as it is": {cloudEvent, CloudEventSchema, cloudEvent},
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

func TestParseEventsRefuses(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                     {"", "the body is not JSON"},
		"cut short":                   {`[{"id":"1"`, "the body is not JSON"},
		"a member twice":              {`[{"id":"1","id":"2"}]`, "the body has an object with the same member twice"},
		"half a surrogate pair":       {`[{"id":"\ud83d"}]`, `the body has a text that is not Unicode: invalid UTF-8, or half of a surrogate pair such as \ud83d`},
		"null":                        {"null", "the body must be an array of events, or one CloudEvent"},
		"an event that is none":       {"[7]", "event 0: an event must be an object"},
		"no schema":                   {`[{"id":"1"}]`, "event 0: it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)"},
		"one event not in an array":   {gridEvent, "event 0: events in Event Grid's schema come in an array"},
		"no subject":                  {"[" + gridEvent + "," + strings.Replace(gridEvent, `"subject":"s",`, "", 1) + "]", "event 1: subject is missing"},
		"a blank id":                  {"[" + strings.Replace(gridEvent, `"id":"1"`, `"id":" "`, 1) + "]", "event 0: id is missing"},
		"a time that is none":         {"[" + strings.Replace(gridEvent, "2026-11-20T09:15:03Z", "today", 1) + "]", `event 0: eventTime is "today": it must be a time such as 2026-11-20T09:15:03Z`},
		"a CloudEvent without source": {strings.Replace(cloudEvent, `"source":"/t",`, "", 1), "event 0: source is missing"},
		"a CloudEvent of the past":    {strings.Replace(cloudEvent, `"1.0"`, `"0.3"`, 1), `event 0: specversion is "0.3": it must be 1.0`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseEvents([]byte(test.body))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
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
		Name: "whatsapp-messages", EventType: "Microsoft.Communication.AdvancedMessageReceived", Function: "AdvancedMessageTrigger",
		DeliverySchema: CloudEventSchema, MaxEventsPerBatch: 100, PreferredBatchSizeInKilobytes: 64,
		MaxDeliveryAttempts: 30, EventTimeToLiveInMinutes: 1440, DeadLetterContainer: "dead-letters",
	}
	if diff := cmp.Diff(want, ours[0]); diff != "" || len(ours) != 2 {
		t.Errorf("%d subscriptions, the first: %s", len(ours), diff)
	}
	for name, test := range map[string]struct{ text, want string }{
		"what the service fills in":   {`{"name":"sub","eventType":"T","function":"F"}`, ""},
		"no function":                 {`{"name":"sub","eventType":"T"}`, "FILE: subscriptions[0]: function is missing"},
		"a name that leads elsewhere": {`{"name":"../sub","eventType":"T","function":"F"}`, `FILE: subscriptions[0]: name is "../sub": write 3 to 64 letters, digits and hyphens`},
		"a batch too large":           {`{"name":"sub","eventType":"T","function":"F","maxEventsPerBatch":5001}`, "FILE: subscriptions[0]: maxEventsPerBatch is 5001: write a number from 1 to 5000"},
		"attempts without end":        {`{"name":"sub","eventType":"T","function":"F","maxDeliveryAttempts":-1}`, "FILE: subscriptions[0]: maxDeliveryAttempts is -1: write a number from 1 to 30"},
		"a schema that is none":       {`{"name":"sub","eventType":"T","function":"F","deliverySchema":"Custom"}`, `FILE: subscriptions[0]: deliverySchema is "Custom": write CloudEventSchemaV1_0 or EventGridSchema`},
		"a member that is misspelt":   {`{"name":"sub","eventType":"T","function":"F","maxBatch":1}`, `unknown object member name "maxBatch" within "/subscriptions/0"`},
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
