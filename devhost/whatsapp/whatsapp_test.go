package whatsapp_test

import (
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
