package outputs_test

import (
	"encoding/json/jsontext"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/outputs"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/quoted/quotedtest"
)

func TestMessage(t *testing.T) {
	moment := time.Date(2026, 11, 20, 9, 15, 3, 192171600, time.UTC)
	data := conversation.Message{EventID: "e", Kind: conversation.KindText, Text: "a<b> \"é\" 👍\u2028", Raw: `{"a":"\u00e9\/", "a":1.10}`}
	for name, test := range map[string]struct {
		time  conversation.Time
		event messaging.CloudEvent
		want  string
	}{
		"all that an event can give": {
			conversation.At(moment),
			messaging.CloudEvent{Source: "/s", Extensions: map[string]any{"traceparent": "00-p", "tracestate": "a=b"}},
			`{"specversion":"1.0","type":"T","id":"1","source":"/s","subject":"m","time":"2026-11-20T09:15:03.1921716Z","datacontenttype":"application/json","traceparent":"00-p","tracestate":"a=b","data":{"eventId":"e","channel":{"type":"","id":""},"conversations":[],"from":{},"kind":"text","text":"a<b> \"é\" 👍` + "\u2028" + `","raw":{"a":"\u00e9\/", "a":1.10}}}`,
		},
		"as little as it can": {
			conversation.Time{},
			messaging.CloudEvent{},
			`{"specversion":"1.0","type":"T","id":"1","source":"urn:unknown-source","subject":"m","datacontenttype":"application/json","data":{"eventId":"e","channel":{"type":"","id":""},"conversations":[],"from":{},"kind":"text","text":"a<b> \"é\" 👍` + "\u2028" + `","raw":{"a":"\u00e9\/", "a":1.10}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var text quoted.Text
			omitted, err := outputs.Envelope{Type: "T", ID: "1", Subject: "m", Time: test.time, Event: &test.event}.Message(&text, &data)
			if err != nil || omitted != nil {
				t.Fatal(omitted, err)
			}
			if diff := cmp.Diff(test.want, string(quotedtest.Unquote(t, &text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// sized writes a message with a text and a raw part of so many bytes.
func sized(t *testing.T, text, raw int) ([]byte, []string, error) {
	t.Helper()
	var to quoted.Text
	data := conversation.Message{Text: strings.Repeat("t", text), Raw: conversation.JSON(`"` + strings.Repeat("r", raw) + `"`)}
	omitted, err := outputs.Envelope{Type: "T", ID: "1", Subject: "m", Event: &messaging.CloudEvent{}}.Message(&to, &data)
	return quotedtest.Unquote(t, &to), omitted, err
}

func TestMessageLimit(t *testing.T) {
	const limit = 48 << 10
	bare, _, err := sized(t, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	room := limit - len(bare)
	short, _, err := sized(t, 0, room)
	if err != nil || len(short) != limit {
		t.Fatalf("%d bytes, %v: want it whole, at the limit of %d", len(short), err, limit)
	}
	for name, test := range map[string]struct {
		text, raw int
		fits      bool
		omitted   []string
	}{
		"just fits":                      {0, room, true, nil},
		"a byte too large, raw goes":     {0, room + 1, true, []string{"raw of the queue message"}},
		"too large because of the rest":  {limit, 0, false, nil},
		"as large as may be without raw": {40_000, 40_000, true, []string{"raw of the queue message"}},
	} {
		t.Run(name, func(t *testing.T) {
			text, omitted, err := sized(t, test.text, test.raw)
			if test.fits != (err == nil) || err != nil && !errors.Is(err, outputs.ErrOversize) {
				t.Fatal(err)
			}
			if err == nil && len(text) > limit {
				t.Errorf("%d bytes", len(text))
			}
			if diff := cmp.Diff(test.omitted, omitted); diff != "" {
				t.Error(diff)
			}
			if gone := strings.Contains(string(text), `"rawOmitted":true`); err == nil && gone != (omitted != nil) {
				t.Errorf("rawOmitted: %t", gone)
			}
			if err == nil && !jsontext.Value(text).IsValid() {
				t.Error("no JSON")
			}
		})
	}
}
