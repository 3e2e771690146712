package record_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

func TestMessage(t *testing.T) {
	published := conversation.At(time.Date(2026, 11, 20, 9, 15, 3, 192171600, time.UTC))
	for name, test := range map[string]struct {
		time  conversation.Time
		event messaging.CloudEvent
		want  string
	}{
		"every field of an event": {
			published,
			messaging.CloudEvent{Source: "/s", Extensions: map[string]any{"traceparent": "00-p", "tracestate": "a=b"}},
			`{"specversion":"1.0","type":"T","id":"1","source":"/s","subject":"m","time":"2026-11-20T09:15:03.1921716Z","datacontenttype":"application/json","traceparent":"00-p","tracestate":"a=b",` +
				`"data":{"text":"x","raw":{"a": 1.10}}}`,
		},
		"an empty event": {
			conversation.Time{},
			messaging.CloudEvent{},
			`{"specversion":"1.0","type":"T","id":"1","source":"urn:unknown-source","subject":"m","datacontenttype":"application/json",` +
				`"data":{"text":"x","raw":{"a": 1.10}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			message := record.Message{
				Type: "T", ID: "1", Subject: "m", Time: test.time, Event: &test.event,
				Data: func(to *quoted.Text) { to.String("text", "x") }, Raw: `{"a": 1.10}`,
			}
			var to quoted.Text
			leftOut, err := message.Encode(&to)
			if err != nil || leftOut != nil {
				t.Fatal(leftOut, err)
			}
			if diff := cmp.Diff(test.want, unquote(t, &to)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// unquote returns the object in a text of one string.
func unquote(t *testing.T, text *quoted.Text) string {
	t.Helper()
	object, err := jsontext.AppendUnquote(nil, `"`+string(text.Bytes())+`"`)
	if err != nil {
		t.Fatal(err)
	}
	return string(object)
}

const limit = 48 << 10

// sized encodes a message with a text and a payload of these sizes.
func sized(t *testing.T, text, raw int) (string, []string) {
	t.Helper()
	content := strings.Repeat("t", text)
	message := record.Message{
		Type: "T", ID: "1", Subject: "m", Event: &messaging.CloudEvent{},
		Data: func(to *quoted.Text) { to.String("text", content) }, Raw: `"` + strings.Repeat("r", raw) + `"`, Texts: func() []*string { return []*string{&content} },
	}
	var to quoted.Text
	leftOut, err := message.Encode(&to)
	if err != nil {
		t.Fatal(err)
	}
	if len(content) != text {
		t.Errorf("the message itself is cut to %d bytes", len(content))
	}
	return unquote(t, &to), leftOut
}

func TestMessageLimit(t *testing.T) {
	bare, _ := sized(t, 1, 0)
	room := limit - len(bare)
	if whole, _ := sized(t, 1, room); len(whole) != limit {
		t.Fatalf("%d bytes: want it whole, at the limit of %d", len(whole), limit)
	}
	for name, test := range map[string]struct {
		text, raw    int
		rawOmitted   bool
		textCut      bool
		leastMessage int
	}{
		"just fits":                    {1, room, false, false, limit},
		"a byte too large":             {1, room + 1, true, false, 0},
		"too large without raw":        {limit, 0, true, true, limit - 3},
		"large without raw":            {40_000, 40_000, true, false, 40_000},
		"text and raw are both larger": {1_000_000, 1_000_000, true, true, limit - 3},
	} {
		t.Run(name, func(t *testing.T) {
			text, leftOut := sized(t, test.text, test.raw)
			if len(text) > limit || len(text) < test.leastMessage {
				t.Errorf("%d bytes", len(text))
			}
			var want []string
			if test.rawOmitted {
				want = append(want, "raw of the queue message")
			}
			if test.textCut {
				want = append(want, "the end of text of the queue message")
			}
			if diff := cmp.Diff(want, leftOut); diff != "" {
				t.Error(diff)
			}
			if omitted := strings.Contains(text, `"rawOmitted":true`); omitted != test.rawOmitted {
				t.Errorf("rawOmitted: %t", omitted)
			}
			if cut := strings.Contains(text, `"textCut":true`); cut != test.textCut {
				t.Errorf("textCut: %t", cut)
			}
			if !jsontext.Value(text).IsValid() {
				t.Error("not JSON")
			}
		})
	}
}

// A text is cut between two characters, whatever their size in JSON.
func TestTextIsCutBetweenCharacters(t *testing.T) {
	for name, character := range map[string]string{"ASCII": "x", "Chinese": "中", "line breaks": "\n", "quotes": `"`, "control characters": "\x01", "emoji": "😀", "mixed": "a\n中😀\x02"} {
		t.Run(name, func(t *testing.T) {
			content := strings.Repeat(character, 70_000)
			message := record.Message{
				Type: "T", ID: "1", Subject: "m", Event: &messaging.CloudEvent{},
				Data: func(to *quoted.Text) { to.String("text", content) }, Raw: `{}`, Texts: func() []*string { return []*string{&content} },
			}
			var to quoted.Text
			if _, err := message.Encode(&to); err != nil {
				t.Fatal(err)
			}
			text := unquote(t, &to)
			if len(text) > limit || len(text) < limit-12 {
				t.Errorf("%d bytes, want nearly %d", len(text), limit)
			}
			var got struct {
				Data struct {
					Text string `json:"text"`
				} `json:"data"`
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil || !strings.HasPrefix(content, got.Data.Text) {
				t.Errorf("the text is not a start of the content; %v", err)
			}
		})
	}
}

func TestMessageThatCantBeCut(t *testing.T) {
	message := record.Message{
		Type: "T", ID: strings.Repeat("i", 50_000), Subject: "m", Event: &messaging.CloudEvent{}, Data: func(*quoted.Text) {}, Raw: `{}`,
	}
	if _, err := message.Encode(new(quoted.Text)); !errors.Is(err, record.ErrOversize) {
		t.Errorf("error %v, want %v", err, record.ErrOversize)
	}
}
