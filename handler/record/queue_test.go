package record_test

import (
	"encoding/json/jsontext"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

func TestMessage(t *testing.T) {
	published := conversation.At(time.Date(2026, 11, 20, 9, 15, 3, 192171600, time.UTC))
	message := conversation.Message{EventID: "e", MessageID: "m", Kind: conversation.KindText, Text: "a<b> \"é\" 👍\u2028", Raw: `{"a":"\u00e9\/", "a":1.10}`}
	const data = `"data":{"eventId":"e","messageId":"m","channel":{"type":"","id":""},"from":{},"kind":"text","text":"a<b> \"é\" 👍` + "\u2028"
	for name, test := range map[string]struct {
		published conversation.Time
		event     messaging.CloudEvent
		want      string
	}{
		"every field of an event": {
			published,
			messaging.CloudEvent{Source: "/s", Extensions: map[string]any{"traceparent": "00-p", "tracestate": "a=b"}},
			`{"specversion":"1.0","type":"conversation.message.received.v1","id":"m","source":"/s","subject":"m","time":"2026-11-20T09:15:03.1921716Z","datacontenttype":"application/json","traceparent":"00-p","tracestate":"a=b",` +
				data + `","replyBy":"2026-11-21T09:15:03.1921716Z","conversations":["-|-"],"raw":{"a":"é/","a":1.10}}}`,
		},
		"an empty event": {
			conversation.Time{},
			messaging.CloudEvent{},
			`{"specversion":"1.0","type":"conversation.message.received.v1","id":"m","source":"urn:unknown-source","subject":"m","datacontenttype":"application/json",` +
				data + `","conversations":["-|-"],"raw":{"a":"é/","a":1.10}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := message
			m.Published = test.published
			text, leftOut, err := record.Message(&test.event, &m)
			if err != nil || leftOut != nil {
				t.Fatal(leftOut, err)
			}
			if diff := cmp.Diff(test.want, string(text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sized encodes a message with a text and a payload of these sizes.
func sized(text, raw int) ([]byte, []string, error) {
	return record.Message(&messaging.CloudEvent{}, &conversation.Message{
		MessageID: "m", Text: strings.Repeat("t", text), Raw: `"` + strings.Repeat("r", raw) + `"`,
	})
}

func TestMessageLimit(t *testing.T) {
	const limit = 48 << 10
	bare, _, err := sized(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	room := limit - len(bare)
	whole, _, err := sized(1, room)
	if err != nil || len(whole) != limit {
		t.Fatalf("%d bytes, %v: want it whole, at the limit of %d", len(whole), err, limit)
	}
	for name, test := range map[string]struct {
		text, raw int
		fits      bool
		leftOut   []string
	}{
		"just fits":                        {1, room, true, nil},
		"a byte too large":                 {1, room + 1, true, []string{"raw of the queue message"}},
		"too large without raw":            {limit, 0, false, nil},
		"as large as possible without raw": {40_000, 40_000, true, []string{"raw of the queue message"}},
	} {
		t.Run(name, func(t *testing.T) {
			text, leftOut, err := sized(test.text, test.raw)
			if test.fits != (err == nil) || err != nil && !errors.Is(err, record.ErrOversize) {
				t.Fatal(err)
			}
			if err == nil && len(text) > limit {
				t.Errorf("%d bytes", len(text))
			}
			if diff := cmp.Diff(test.leftOut, leftOut); diff != "" {
				t.Error(diff)
			}
			if omitted := strings.Contains(string(text), `"rawOmitted":true`); err == nil && omitted != (leftOut != nil) {
				t.Errorf("rawOmitted: %t", omitted)
			}
			if err == nil && !jsontext.Value(text).IsValid() {
				t.Error("not JSON")
			}
		})
	}
}
