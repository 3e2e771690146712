package meta

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/lenient"
)

// webhook returns a body with one change of one entry.
func webhook(field, value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"WABA","changes":[{"value":` + value + `,"field":"` + field + `"}]}]}`
}

const start = `{"specversion":"1.0","type":"Meta.WhatsApp.`

func TestSplit(t *testing.T) {
	const (
		text  = `{"from":"15550100","id":"wamid.A/+=","timestamp":"1767225600","type":"text","text":{"body":"caf\u00e9 \/"}}`
		event = start + `MessageReceived","source":"urn:meta:whatsapp:WABA","id":"wamid.A/+=","time":"2026-01-01T00:00:00Z","data":{`
	)
	for name, test := range map[string]struct {
		body string
		want []string // events, and problems with texts
	}{
		"a message": {
			webhook("messages", `{"messaging_product":"whatsapp","metadata":{"phone_number_id":"1"},"contacts":[{"profile":{"name":"Ann"},"wa_id":"15550100"}],"messages":[`+text+`]}`),
			[]string{event + `"metadata":{"phone_number_id":"1"},"contact":{"wa_id":"15550100"},"message":` + text + `}}`},
		},
		"without metadata and contacts": {webhook("messages", `{"messages":[`+text+`]}`), []string{event + `"message":` + text + `}}`}},
		"without a field":               {strings.Replace(webhook("messages", `{"messages":[`+text+`]}`), `,"field":"messages"`, "", 1), []string{event + `"message":` + text + `}}`}},
		"a notice, whose text has a name": {
			webhook("messages", `{"messages":[{"id":"b","type":"system","System":{"body":"Ann changed","wa_id":"7"}}]}`),
			[]string{start + `MessageReceived","source":"urn:meta:whatsapp:WABA","id":"b","data":{"message":{"id":"b","type":"system","System":{"wa_id":"7"}}}}`},
		},
		"a status of a member of a group": {
			webhook("messages", `{"statuses":[{"id":"a","status":"read","recipient_participant_id":"7"}]}`),
			[]string{start + `MessageStatusUpdated","source":"urn:meta:whatsapp:WABA","id":"a:read:7","data":{"status":{"id":"a","status":"read","recipient_participant_id":"7"}}}`},
		},
		"names in another case": {strings.Replace(webhook("Messages", `{"Messages":[`+text+`]}`), `"object"`, `"Object"`, 1), []string{event + `"message":` + text + `}}`}},
		"a number in another form than the contact's": {
			webhook("messages", `{"contacts":[{"wa_id":"155501009"}],"messages":[`+text+`]}`),
			[]string{event + `"contact":{"wa_id":"155501009"},"message":` + text + `}}`},
		},
		"several of one person, whose contact has another number": {
			webhook("messages", `{"contacts":[{"wa_id":"155501009"}],"messages":[`+text+`,`+text+`]}`),
			[]string{event + `"contact":{"wa_id":"155501009"},"message":` + text + `}}`, event + `"contact":{"wa_id":"155501009"},"message":` + text + `}}`},
		},
		"two people and the contact of neither": {
			webhook("messages", `{"contacts":[{"wa_id":"155501009"}],"messages":[`+text+`,{"from":"7","id":"b"}]}`),
			[]string{event + `"message":` + text + `}}`, start + `MessageReceived","source":"urn:meta:whatsapp:WABA","id":"b","data":{"message":{"from":"7","id":"b"}}}`},
		},
		"the contact of somebody else": {
			webhook("messages", `{"contacts":[{"wa_id":"7"},{"wa_id":"8"}],"messages":[`+text+`]}`),
			[]string{event + `"message":` + text + `}}`},
		},
		"contacts in another order": {
			webhook("messages", `{"contacts":[{"wa_id":"7"},{"user_id":"US.1"},{"wa_id":"15550100"}],"messages":[`+text+`,{"id":"b","from_user_id":"US.1"}]}`),
			[]string{
				event + `"contact":{"wa_id":"15550100"},"message":` + text + `}}`,
				start + `MessageReceived","source":"urn:meta:whatsapp:WABA","id":"b","data":{"contact":{"user_id":"US.1"},"message":{"id":"b","from_user_id":"US.1"}}}`,
			},
		},
		"statuses": {
			webhook("messages", `{"statuses":[{"id":"a","status":"READ","timestamp":1767225600},{"id":"a","status":"failed","errors":[{"code":131047}]},{"status":"sent"}]}`),
			[]string{
				start + `MessageStatusUpdated","source":"urn:meta:whatsapp:WABA","id":"a:read","time":"2026-01-01T00:00:00Z","data":{"status":{"id":"a","status":"READ","timestamp":1767225600}}}`,
				start + `MessageStatusUpdated","source":"urn:meta:whatsapp:WABA","id":"a:failed:131047","data":{"status":{"id":"a","status":"failed","errors":[{"code":131047}]}}}`,
				start + `MessageStatusUpdated","source":"urn:meta:whatsapp:WABA","id":"` + digest(`{"status":"sent"}`) + `","data":{"status":{"status":"sent"}}}`,
			},
		},
		"preferences": {
			webhook("user_preferences", `{"user_preferences":[{"wa_id":"1","category":"marketing_messages","value":"stop","timestamp":1767225600}]}`),
			[]string{start + `UserPreferenceChanged","source":"urn:meta:whatsapp:WABA","id":"` + digest(`{"wa_id":"1","category":"marketing_messages","value":"stop","timestamp":1767225600}`) +
				`","time":"2026-01-01T00:00:00Z","data":{"preference":{"wa_id":"1","category":"marketing_messages","value":"stop","timestamp":1767225600}}}`},
		},
		"another field": {
			webhook("account_update", `{"event":"X"}`),
			[]string{start + `ChannelEvent","source":"urn:meta:whatsapp:WABA","id":"account_update:` + digest(`{"event":"X"}`) + `","data":{"field":"account_update","value":{"event":"X"}}}`},
		},
		"echoes are not received messages": {
			webhook("smb_message_echoes", `{"message_echoes":[{"id":"a"}],"messages":[]}`),
			[]string{start + `ChannelEvent","source":"urn:meta:whatsapp:WABA","id":"smb_message_echoes:` + digest(`{"message_echoes":[{"id":"a"}],"messages":[]}`) +
				`","data":{"field":"smb_message_echoes","value":{"message_echoes":[{"id":"a"}],"messages":[]}}}`},
		},
		"errors of the account beside a message": {
			webhook("messages", `{"metadata":{"phone_number_id":"1"},"messages":[`+text+`],"errors":[{"code":130429}]}`),
			[]string{
				event + `"metadata":{"phone_number_id":"1"},"message":` + text + `}}`,
				start + `ChannelEvent","source":"urn:meta:whatsapp:WABA","id":"messages:` + digest(lenient.Value(`{"metadata":{"phone_number_id":"1"},"messages":[`+text+`],"errors":[{"code":130429}]}`)) +
					`","data":{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"errors":[{"code":130429}]}}}`,
			},
		},
		"no updates": {
			webhook("messages", `{"messages":[],"contacts":[{"profile":{"name":"Ann"}}]}`),
			[]string{start + `ChannelEvent","source":"urn:meta:whatsapp:WABA","id":"messages:` + digest(`{"messages":[],"contacts":[{"profile":{"name":"Ann"}}]}`) + `","data":{"field":"messages","value":{}}}`},
		},
		"the time of the entry": {
			`{"object":"whatsapp_business_account","entry":[{"id":"W","time":1767225600,"changes":[{"field":"f","value":{}}]}]}`,
			[]string{start + `ChannelEvent","source":"urn:meta:whatsapp:W","id":"f:` + digest(`{}`) + `","time":"2026-01-01T00:00:00Z","data":{"field":"f","value":{}}}`},
		},
		"an update that is not an object": {webhook("messages", `{"messages":[7,`+text+`]}`), []string{"a message that is not an object: 7", event + `"message":` + text + `}}`}},
		"not JSON":                        {`{"object":`, []string{`not JSON at byte 10: {"object":`}},
		"nothing":                         {``, []string{`not JSON at byte 0: `}},
		"an array":                        {`[1]`, []string{`object is not whatsapp_business_account: [1]`}},
		"another object":                  {`{"object":"page","entry":[]}`, []string{`object is not whatsapp_business_account: {"object":"page","entry":[]}`}},
		"no entry":                        {`{"object":"whatsapp_business_account"}`, []string{`entry is missing or empty: {"object":"whatsapp_business_account"}`}},
		"broken entries among good ones": {
			`{"object":"whatsapp_business_account","entry":[null,{"id":"WABA","changes":{}},{"id":"WABA","changes":[1,{"field":"messages","value":"x"},{"field":"messages","value":{"messages":[` + text + `]}}]}]}`,
			[]string{
				`changes is missing or empty: null`, `changes is missing or empty: {"id":"WABA","changes":{}}`,
				`value is missing or not an object: 1`, `value is missing or not an object: {"field":"messages","value":"x"}`,
				event + `"message":` + text + `}}`,
			},
		},
		"too many updates": {
			webhook("messages", `{"messages":[`+strings.Repeat("{},", maxUpdates)+`{}]}`),
			[]string{"more than 10000 updates: " + webhook("messages", `{"messages":[`+strings.Repeat("{},", maxUpdates)+`{}]}`)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, part := range Split([]byte(test.body), false) {
				if part.Problem != "" {
					got = append(got, part.Problem+": "+part.Text)
				} else {
					got = append(got, string(part.Event))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProfileNames(t *testing.T) {
	for name, value := range map[string]string{
		"messages":         `{"contacts":[{"profile":{"name":"Ann Example","username":"@ann"},"username":"@ann","wa_id":"1"}],"messages":[{"id":"a","from":"1"}],"statuses":[{"id":"b","recipient_id":"1"}]}`,
		"user_preferences": `{"contacts":[{"profile":{"name":"Ann Example"},"wa_id":"1"}],"user_preferences":[{"wa_id":"1"}]}`,
		"calls":            `{"a":1,"contacts":[{"profile":{"name":"Ann Example"},"wa_id":"1"},{"PROFILE":{"name":"Ann Example"}}],"b":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, keep := range []bool{false, true} {
				for _, part := range Split([]byte(webhook(name, value)), keep) {
					if kept := strings.Contains(string(part.Event), "Ann Example") || strings.Contains(string(part.Event), "@ann"); kept != keep {
						t.Errorf("names kept: %v, want %v: %s", kept, keep, part.Event)
					}
				}
			}
		})
	}
}

// Every update of a webhook is in exactly one event.
func FuzzSplitUpdates(f *testing.F) {
	f.Add(uint8(2), uint8(3), uint8(4), "errors")
	f.Fuzz(func(t *testing.T, entries, changes, updates uint8, other string) {
		entries, changes, updates = entries%4+1, changes%4+1, updates%6
		extra := string(appendQuote(nil, other)) + ":1,"
		var want []string
		object := func(kind string) string {
			id := fmt.Sprintf("%s%d", kind, len(want))
			want = append(want, id)
			return `{"marker":"` + id + `"}`
		}
		list := func(n uint8, make func() string) string {
			var all []string
			for range n {
				all = append(all, make())
			}
			return "[" + strings.Join(all, ",") + "]"
		}
		body := `{"object":"whatsapp_business_account","entry":` + list(entries, func() string {
			return `{"id":"1","changes":` + list(changes, func() string {
				return `{"field":"messages","value":{` + extra + `"messages":` + list(updates, func() string { return object("m") }) +
					`,"statuses":` + list(updates/2, func() string { return object("s") }) + `}}`
			}) + `}`
		}) + `}`
		var got []string
		for _, part := range Split([]byte(body), false) {
			if part.Problem != "" {
				t.Fatalf("%s: %s", part.Problem, part.Text)
			}
			data := part.Event.Fields()
			fields := data.Get("data")
			all := fields.Fields()
			for _, name := range []string{"message", "status"} {
				update := all.Get(name).Fields()
				if marker := update.Get("marker").Text(); marker != "" {
					got = append(got, marker)
				}
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", body, diff)
		}
	})
}

// Whatever a body is, it has a part, and every event is a JSON object with an id.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(webhook("messages", `{"contacts":[{"wa_id":"1"}],"messages":[{"from":"1"}],"statuses":[{"status":"x","id":1}],"errors":[1]}`)))
	f.Add([]byte(webhook("user_preferences", `{"contacts":null,"user_preferences":[{}]}`)))
	f.Add([]byte(webhook("x", `{"contacts":[{"profile":1}],"contacts":[]}`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		parts := Split(body, len(body)%2 == 0)
		if len(parts) == 0 {
			t.Error("no part")
		}
		for _, part := range parts {
			if part.Problem != "" {
				continue
			}
			if value := jsontext.Value(part.Event); !value.IsValid(lenient.Options()) || value.Kind() != jsontext.KindBeginObject {
				t.Fatalf("not an object: %s", part.Event)
			}
			var event struct {
				ID   string         `json:"id"`
				Data jsontext.Value `json:"data"`
			}
			if err := json.Unmarshal([]byte(part.Event), &event, lenient.Options()); err != nil || event.ID == "" || event.Data.Kind() != jsontext.KindBeginObject {
				t.Errorf("%v: %s", err, part.Event)
			}
		}
	})
}
