package whatsapp_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/whatsapp"
)

const samples = "../../testdata/events"

// sample is the one event of a sample, decoded.
func sample(t *testing.T, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samples, name))
	if err != nil {
		t.Fatal(err)
	}
	var events []map[string]any
	if err := json.Unmarshal(text, &events); err != nil || len(events) != 1 {
		t.Fatal(len(events), err)
	}
	return events[0]
}

// eventer is a message or a status.
type eventer interface {
	Event(at time.Time) (whatsapp.Event, error)
}

// Each kind of message, and each status, is published as in the sample of it.
func TestEventsAreLikeSamples(t *testing.T) {
	const (
		phone   = "14255550123"
		bsuid   = "US.13491208655302741918"
		channel = "75476a19-a68d-4e10-806c-3680f099e069"
	)
	message := func(name string) (map[string]any, map[string]any) {
		event := sample(t, name)
		return event, event["data"].(map[string]any)
	}
	text := func(data map[string]any, path string) string {
		var value any = data
		for name := range strings.SplitSeq(path, ".") {
			value = value.(map[string]any)[name]
		}
		return value.(string)
	}
	user := whatsapp.Person{Phone: phone}
	for name, make := range map[string]func(data map[string]any) eventer{
		"eg_received_text.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "text", Text: text(data, "content")}
		},
		"ce_received_text.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "text", From: user, To: channel, Text: text(data, "content")}
		},
		"eg_received_text_reply.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "text", Text: text(data, "content"), ReplyTo: text(data, "context.id")}
		},
		"eg_received_bsuid_both.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "text", Text: text(data, "content"), From: whatsapp.Person{Phone: phone, BSUID: bsuid}}
		},
		"eg_received_bsuid_from_empty.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "text", Text: text(data, "content"), From: whatsapp.Person{BSUID: bsuid}}
		},
		"eg_received_image.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "image", Text: text(data, "media.caption"), Media: &whatsapp.Media{ID: text(data, "media.id")}}
		},
		"eg_received_video.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "video", Text: text(data, "media.caption"), Media: &whatsapp.Media{ID: text(data, "media.id")}}
		},
		"eg_received_audio_voice.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "audio", Media: &whatsapp.Media{ID: text(data, "media.id")}}
		},
		"eg_received_document.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "document", Media: &whatsapp.Media{ID: text(data, "media.id"), FileName: text(data, "media.fileName")}}
		},
		"eg_received_sticker.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "sticker", Media: &whatsapp.Media{ID: text(data, "media.id")}}
		},
		"eg_received_button.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "button", Button: &whatsapp.Button{Text: "Yes", Payload: "CONFIRM_ORDER_12345"}, ReplyTo: text(data, "context.id")}
		},
		"eg_received_interactive_button_reply.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "interactive", Choice: &whatsapp.Choice{
				ID: text(data, "interactive.buttonReply.id"), Title: text(data, "interactive.buttonReply.title"),
			}, ReplyTo: text(data, "context.id")}
		},
		"eg_received_interactive_list_reply.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "interactive", Choice: &whatsapp.Choice{
				List: true, ID: "priority_mail", Title: "Priority Mail", Description: "1–3 Days",
			}, ReplyTo: text(data, "context.id")}
		},
		"eg_received_reaction.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "reaction", Reaction: &whatsapp.Reaction{MessageID: text(data, "reaction.messageId"), Emoji: "👍"}}
		},
		"eg_received_reaction_removed.json": func(data map[string]any) eventer {
			return whatsapp.Message{Kind: "reaction", Reaction: &whatsapp.Reaction{MessageID: text(data, "reaction.messageId")}}
		},
		"eg_status_sent.json":      func(map[string]any) eventer { return whatsapp.Status{Status: "sent"} },
		"eg_status_delivered.json": func(map[string]any) eventer { return whatsapp.Status{Status: "Delivered", To: user} },
		"eg_status_read.json":      func(map[string]any) eventer { return whatsapp.Status{Status: "READ", From: channel} },
		"eg_status_failed_131047.json": func(map[string]any) eventer {
			return whatsapp.Status{Status: "failed", Code: "131047"}
		},
		"eg_status_bsuid_to_empty.json": func(map[string]any) eventer {
			return whatsapp.Status{Status: "delivered", To: whatsapp.Person{BSUID: bsuid}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, data := message(name)
			received, err := time.Parse(time.RFC3339, text(data, "receivedTimestamp"))
			if err != nil {
				t.Fatal(err)
			}
			e := make(data)
			switch made := e.(type) {
			case whatsapp.Message:
				made.ID = text(data, "messageId")
				e = made
			case whatsapp.Status:
				made.MessageID = text(data, "messageId")
				e = made
			}
			event, err := e.Event(received)
			if err != nil {
				t.Fatal(err)
			}
			schema := whatsapp.EventGrid
			if strings.HasPrefix(name, "ce_") {
				schema = whatsapp.CloudEvents
			}
			var got map[string]any
			if err := json.Unmarshal(event.In(schema), &got); err != nil {
				t.Fatal(err)
			}
			// The event's own id and time, and who published it, are others.
			for _, member := range []string{"id", "time", "eventTime", "topic", "source"} {
				if _, ok := want[member]; ok && (got[member] == nil || got[member] == "") {
					t.Errorf("%s is missing", member)
				}
				delete(got, member)
				delete(want, member)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEventsThatAreNone(t *testing.T) {
	for want, e := range map[string]eventer{
		`message kind "poll": write one of text, image, video, audio, document, sticker, button, interactive, reaction`: whatsapp.Message{Kind: "poll"},
		"a text message needs a text":                          whatsapp.Message{Kind: "text"},
		"a button needs a text":                                whatsapp.Message{Kind: "button"},
		"a choice needs an id and a title":                     whatsapp.Message{Kind: "interactive", Choice: &whatsapp.Choice{ID: "x"}},
		"a reaction needs the id of the message that it is on": whatsapp.Message{Kind: "reaction", Reaction: &whatsapp.Reaction{Emoji: "👍"}},
		"a message of kind text has no media":                  whatsapp.Message{Kind: "text", Text: "x", Media: &whatsapp.Media{}},
		`status "not a word": write sent, delivered, read, failed, or another word of letters`: whatsapp.Status{Status: "not a word"},
		"status read has no code: only failed and unknown statuses have one":                   whatsapp.Status{Status: "Read", Code: "131047"},
	} {
		if _, err := e.Event(time.Now()); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Wherever a person's identity stands it is replaced, by the same one.
func TestMask(t *testing.T) {
	events := `[{"id":"e1","topic":"/subscriptions/secret","subject":"advancedMessage/sender/4915112345678/recipient/c0ffee00-0000-0000-0000-000000000001",` +
		`"data":{"from":"4915112345678","fromBSUID":"DE.1234abc","to":"c0ffee00-0000-0000-0000-000000000001","messageId":"0a4915112345678b","n":4915112345678,` +
		`"receivedTimestamp":"2026-11-20T09:15:01+00:00","content":"I am +49 151 12345678, or DE.1234abc, order 12345; ok.Bye \u00e9",` +
		`"context":{"from":"+1 (425) 555-0199","id":"x"},"odd":"\ud800","content":"twice 004915112345678"}},` +
		`{"source":"/subscriptions/secret","data":{"to":14255550199,"toBSUID":null,"list":["4915112345678"]}}]`
	want := `[{"id":"e1","topic":"LOCAL","subject":"advancedMessage/sender/14255550001/recipient/c0ffee00-0000-0000-0000-000000000001",` +
		`"data":{"from":"14255550001","fromBSUID":"DE.00000000000000000002","to":"c0ffee00-0000-0000-0000-000000000001","messageId":"0a14255550001b","n":14255550001,` +
		`"receivedTimestamp":"2026-11-20T09:15:01+00:00","content":"I am 14255550001, or DE.00000000000000000002, order 12345; ok.Bye é",` +
		`"context":{"from":"14255550003","id":"x"},"odd":"\ud800","content":"twice 14255550004"}},` +
		`{"source":"LOCAL","data":{"to":14255550003,"toBSUID":null,"list":["14255550001"]}}]`
	masked, err := whatsapp.Mask(jsontext.Value(events))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(masked), "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/devhost/providers/microsoft.communication/communicationservices/devhost", "LOCAL")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Identities are found in whatever form, and wherever else they stand then.
func TestMaskWhateverTheForm(t *testing.T) {
	events := `[{"data":{"from":"15551234567","fromBSUID":"US.ENT.11815799212886844830","to":"c0ffee00-0000-0000-0000-000000000001","list":[15551234567],"15551234567":1,` +
		`"wa_id":"17770002222","more":["16660001111"],"context":{"id":"wamid.HBgLMTU1NTEyMzQ1Njc="},"reaction":{"messageId":"wamid.HBgLMTU1NTEyMzQ1Njc="},` +
		`"error":{"channelCode":"2494100"},"short":{"from":"me"}}}]`
	masked, err := whatsapp.Mask(jsontext.Value(events))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"data":{"from":"14255550001","fromBSUID":"US.ENT.00000000000000000002","to":"c0ffee00-0000-0000-0000-000000000001","list":[14255550001],"14255550001":1,` +
		`"wa_id":"14255550003","more":["14255550004"],"context":{"id":"wamid.00000000000000000005"},"reaction":{"messageId":"wamid.00000000000000000005"},` +
		`"error":{"channelCode":"2494100"},"short":{"from":"person0006"}}}]`
	if diff := cmp.Diff(want, string(masked)); diff != "" {
		t.Error(diff)
	}
}

// However an identity is written, and wherever, nothing of it stays; and what is
// masked stays as it is.
func TestMaskOfWhatIsWrittenOtherwise(t *testing.T) {
	const channel, encoded = "c0ffee00-0000-0000-0000-000000000001", "wamid.HBgNNDkxNTExMjM0NTY3OBUCABIYIDNBMkM0RTY4MEExMjM0NTY3OAA="
	tests := map[string]struct{ event, want string }{
		"a number that is known, as a number in an array":  {`{"from":"4915112345678","a":[[4915112345678]]}`, `{"from":"14255550001","a":[[14255550001]]}`},
		"a number that is known, as a member's name":       {`{"from":"4915112345678","a":{"4915112345678":1}}`, `{"from":"14255550001","a":{"14255550001":1}}`},
		"a number that is known, with an exponent":         {`{"from":4.915112345678e12}`, `{"from":14255550001}`},
		"a number that is not known, as a member's name":   {`{"+49 151 12345678":1}`, `{"14255550001":1}`},
		"a number that is not known, in an array":          {`{"a":["4915112345678",4915112345678,"12"]}`, `{"a":["14255550001",14255550001,"12"]}`},
		"a number that is not known, in an unknown member": {`{"a":"4915112345678","b":"to +49 151 12345678"}`, `{"a":"14255550001","b":"to 14255550001"}`},
		"a text in an array":                               {`{"content":["at 0151 12345678"]}`, `{"content":["at 14255550001"]}`},
		"a business-scoped id of an enterprise":            {`{"fromBSUID":"US.ENT.118110011","content":"US.ENT.118110011.","x":"US.ENT.118110011"}`, `{"fromBSUID":"US.ENT.00000000000000000001","content":"US.ENT.00000000000000000001.","x":"US.ENT.00000000000000000001"}`},
		"an identity of no known form":                     {`{"toBSUID":"bob","x":"bobsled","subject":"advancedMessage/sender/bob/recipient/` + channel + `"}`, `{"toBSUID":"person0001","x":"bobsled","subject":"advancedMessage/sender/person0001/recipient/` + channel + `"}`},
		"other spellings":                                  {`{"wa_id":"x1","waId":"x1","From":"12"}`, `{"wa_id":"person0001","waId":"person0001","From":"14255550002"}`},
		"a message's id that holds the number":             {`{"context":{"id":"` + encoded + `"}}`, `{"context":{"id":"wamid.` + strings.Repeat("0", len(encoded)-7) + `1"}}`},
		"a message's id with a slash, in a subject":        {`{"subject":"advancedMessage/wamid.AB/CD/status/Read","messageId":"wamid.AB/CD"}`, `{"subject":"advancedMessage/wamid.00001/status/Read","messageId":"wamid.00001"}`},
		"a message's id in a text":                         {`{"content":"see wamid.ABCD, or"}`, `{"content":"see wamid.0001, or"}`},
		"what is no identity": {
			`{"to":"` + channel + `","toBSUID":"","error":{"channelCode":"1310260","channelMessage":"(#131026)"},"on":"2026-11-20","v":"1.0","n":[1,2.5,-7]}`,
			`{"to":"` + channel + `","toBSUID":"","error":{"channelCode":"1310260","channelMessage":"(#131026)"},"on":"2026-11-20","v":"1.0","n":[1,2.5,-7]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, event := range []string{test.event, test.want} {
				masked, err := whatsapp.Mask(jsontext.Value(event))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, string(masked)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

// No sample tells a number of the samples any more.
func TestMaskOfSamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(samples, "*.json"))
	if err != nil || len(files) < 80 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		masked, err := whatsapp.Mask(text)
		if err != nil {
			t.Errorf("%s: %s", file, err)
			continue
		}
		for _, identity := range []string{"14255550123", "13491208655302741918", "rg-contoso-prod", "15555550100"} {
			if strings.Contains(string(masked), identity) {
				t.Errorf("%s tells %s:\n%s", file, identity, masked)
			}
		}
	}
}

func TestMaskRefuses(t *testing.T) {
	for _, events := range []string{`[{"data":"{\"from\":\"14255550123\"}"}]`, `[{"data_base64":"e30="}]`, `[{"data":{]`} {
		if masked, err := whatsapp.Mask(jsontext.Value(events)); err == nil {
			t.Errorf("%s became %s", events, masked)
		}
	}
}

// A status that WhatsApp may add can have an error, and two failures of a message
// differ in their codes.
func TestUnknownStatusAndTwoFailures(t *testing.T) {
	for status, want := range map[whatsapp.Status]string{
		{MessageID: "m", Status: "Undelivered", Code: "131026"}: `"status":"Undelivered",`,
		{MessageID: "m", Status: "Played"}:                      `"status":"Played",`,
		{MessageID: "m", Status: "failed", Code: "131047"}:      `"error":{"channelCode":"131047","channelMessage":"Re-engagement message"}`,
		{MessageID: "m", Status: "failed", Code: "1"}:           `"error":{"channelCode":"1","channelMessage":"Message failed"}`,
	} {
		event, err := status.Event(time.Now())
		if err != nil || !strings.Contains(string(event.Data), want) || strings.Contains(string(event.Data), `"error"`) != (status.Code != "") {
			t.Errorf("%+v: %s, %v", status, event.Data, err)
		}
	}
}
