package acs_test

import (
	"encoding/json/jsontext"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/eventgrid/azsystemevents"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/lenient"
)

// This file holds our reading of the samples against that of the Go SDK,
// azsystemevents 1.0.0, and so keeps the list of why the SDK won't do:
//
//   - it never reads receivedTimestamp, for it looks for receivedTimeStamp;
//   - it panics on an error that is null or lacks one of its two members;
//   - it gives up a whole event over a number where it wants text;
//   - it knows no BSUID, and no data that is null.

// sdkPanics and sdkRefuses are the samples that it does not survive.
var (
	sdkPanics = []string{
		"ce_status_error_null.json", "eg_received_all_optional_null.json",
		"eg_status_error_null.json", "eg_status_failed_error_code_only.json",
	}
	sdkRefuses = []string{
		"eg_status_failed_error_numeric_code.json",
	}
	// weKnowMore is what we read that the SDK can't: it sees no subject.
	weKnowMore = map[string]facts{
		"eg_status_message_id_null.json": {"messageId": "b1ceb22a-8b20-4bf1-bac4-3b093f404cb5"},
	}
)

func TestAgainstTheSDK(t *testing.T) {
	files, err := filepath.Glob("../../testdata/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			events, err := lenient.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			for raw := range events.Elements() {
				e, err := eventgrid.Decode(raw)
				if err != nil {
					t.Fatal(err)
				}
				data, _ := e.Data.(lenient.Value)
				if data.Kind() != jsontext.KindBeginObject {
					continue
				}
				var theirs, ours facts
				var outcome string
				switch e.Type {
				case acs.TypeMessageReceived:
					var sdk azsystemevents.ACSMessageReceivedEventData
					if outcome = survive(func() error { return sdk.UnmarshalJSON([]byte(data)) }); outcome == "" {
						theirs = sdkMessage(sdk)
					}
					m, err := acs.Message(e)
					if err != nil {
						t.Fatal(err)
					}
					ours = messageFacts(m)
					checkTime(t, string(data), m.ReceivedAt, sdk.ReceivedTimestamp == nil)
				case acs.TypeStatusUpdated:
					var sdk azsystemevents.ACSMessageDeliveryStatusUpdatedEventData
					if outcome = survive(func() error { return sdk.UnmarshalJSON([]byte(data)) }); outcome == "" {
						theirs = sdkStatus(sdk)
					}
					s, err := acs.Status(e)
					if err != nil {
						t.Fatal(err)
					}
					ours = statusFacts(s)
					checkTime(t, string(data), s.OccurredAt, sdk.ReceivedTimestamp == nil)
				default:
					continue
				}
				if want := expected(name); outcome != want {
					t.Fatalf("the SDK: %q, expected %q", outcome, want)
				}
				if outcome == "" {
					maps.Copy(theirs, weKnowMore[name])
					if diff := cmp.Diff(theirs, ours); diff != "" {
						t.Errorf("SDK (-) and we (+) differ:\n%s", diff)
					}
				}
			}
		})
	}
}

func expected(name string) string {
	switch {
	case slices.Contains(sdkPanics, name):
		return "panic"
	case slices.Contains(sdkRefuses, name):
		return "error"
	default:
		return ""
	}
}

func survive(decode func() error) (outcome string) {
	defer func() {
		if recover() != nil {
			outcome = "panic"
		}
	}()
	if decode() != nil {
		return "error"
	}
	return ""
}

// checkTime makes sure that we read a time that the SDK never sees.
func checkTime(t *testing.T, data string, ours conversation.Time, sdkSawNone bool) {
	t.Helper()
	if !sdkSawNone {
		t.Error("the SDK has learnt to read receivedTimestamp")
	}
	if strings.Contains(data, `"2026-11-20T09:15:01+00:00"`) && ours.String() != "2026-11-20T09:15:01.0000000Z" {
		t.Errorf("we read the time as %q", ours)
	}
}

// facts are what both sides can say, in words.
type facts map[string]string

func (f facts) set(name string, value any) {
	if text := fmt.Sprint(value); text != "" && text != "<nil>" {
		f[name] = text
	}
}

func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func sdkMessage(m azsystemevents.ACSMessageReceivedEventData) facts {
	f := facts{}
	f.set("from", deref(m.From))
	f.set("to", deref(m.To))
	f.set("messageId", deref(m.MessageID))
	f.set("content", deref(m.Content))
	if m.Button != nil {
		f.set("button.text", deref(m.Button.Text))
		f.set("button.payload", deref(m.Button.Payload))
	}
	if m.Context != nil {
		f.set("context.id", deref(m.Context.MessageID))
		f.set("context.from", deref(m.Context.From))
	}
	if m.Error != nil {
		f.set("error.code", m.Error.Code)
	}
	if i := m.InteractiveContent; i != nil && i.ButtonReply != nil {
		f.set("choice", fmt.Sprint(deref(i.ButtonReply.ButtonID), "/", deref(i.ButtonReply.Title), "/"))
	}
	if i := m.InteractiveContent; i != nil && i.ListReply != nil {
		f.set("choice", fmt.Sprint(deref(i.ListReply.ListItemID), "/", deref(i.ListReply.Title), "/", deref(i.ListReply.Description)))
	}
	if m.MediaContent != nil {
		f.set("media.id", deref(m.MediaContent.MediaID))
		f.set("media.mimeType", deref(m.MediaContent.MimeType))
		f.set("media.fileName", deref(m.MediaContent.FileName))
		f.set("media.caption", deref(m.MediaContent.Caption))
		f.set("media.animated", deref(m.MediaContent.Animated))
	}
	if m.Reaction != nil {
		f.set("reaction.messageId", deref(m.Reaction.MessageID))
		f.set("reaction.emoji", strings.ReplaceAll(fmt.Sprint(deref(m.Reaction.Emoji)), `\uD83D\uDC4D`, "👍"))
	}
	return f
}

func messageFacts(m conversation.Message) facts {
	f := facts{}
	f.set("from", m.From.Phone)
	f.set("to", m.Channel.ID)
	f.set("messageId", m.MessageID)
	f.set("content", m.Text)
	if m.Button != nil {
		f.set("button.text", m.Button.Text)
		f.set("button.payload", m.Button.Payload)
	}
	if m.ReplyTo != nil {
		f.set("context.id", m.ReplyTo.MessageID)
		f.set("context.from", m.ReplyTo.From)
	}
	if m.Error != nil {
		f.set("error.code", m.Error.Code)
	}
	if m.Choice != nil {
		f.set("choice", fmt.Sprint(m.Choice.ID, "/", m.Choice.Title, "/", m.Choice.Description))
	}
	if m.Media != nil {
		f.set("media.id", m.Media.ID)
		f.set("media.mimeType", m.Media.MIMEType)
		f.set("media.fileName", m.Media.FileName)
		f.set("media.caption", m.Media.Caption)
		f.set("media.animated", deref(m.Media.Animated))
	}
	if m.Reaction != nil {
		f.set("reaction.messageId", m.Reaction.MessageID)
		f.set("reaction.emoji", m.Reaction.Emoji)
	}
	return f
}

func sdkStatus(s azsystemevents.ACSMessageDeliveryStatusUpdatedEventData) facts {
	f := facts{}
	f.set("from", deref(s.From))
	f.set("to", deref(s.To))
	f.set("messageId", deref(s.MessageID))
	f.set("status", strings.ToLower(fmt.Sprint(deref(s.Status))))
	if s.Error != nil {
		f.set("error.code", s.Error.Code)
		f.set("error.message", s.Error.Error())
	}
	return f
}

func statusFacts(s conversation.Status) facts {
	f := facts{}
	f.set("from", s.Channel.ID)
	f.set("to", s.To.Phone)
	f.set("messageId", s.MessageID)
	f.set("status", s.Status)
	if s.Error != nil {
		f.set("error.code", s.Error.Code)
		f.set("error.message", s.Error.Message)
	}
	return f
}
