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

// This file compares this package with the Go SDK, azsystemevents 1.0.0, on all
// samples. It shows why the SDK can't be used:
//
//   - it never reads receivedTimestamp, because it looks for receivedTimeStamp;
//   - it panics on an error that is null or lacks one of its two fields;
//   - it fails a whole event for a number instead of a string;
//   - it knows no BSUID, and no data that is null.

// sdkPanics and sdkRefuses are the samples on which it panics or fails.
var (
	sdkPanics = []string{
		"ce_batch_two_failures_first_again.json", "eg_status_failed_error_code_message.json",
		"ce_status_error_null.json", "eg_received_all_optional_null.json",
		"eg_status_error_null.json", "eg_status_failed_error_code_only.json",
	}
	sdkRefuses = []string{
		"eg_status_failed_error_numeric_code.json",
	}
	// sdkMisreads are samples of which the SDK reads less, or something else: it
	// knows no names in another case, no BSUID, no subject, and no other form of
	// errors; and it has no description where this package has an empty one.
	sdkMisreads = []string{
		"ce_received_media_names_in_other_case.json", "eg_batch_optout_kinds.json", "eg_received_bsuid_in_from.json", "eg_received_pascal_case.json",
		"eg_received_sender_in_subject.json", "eg_status_bsuid_in_to.json", "eg_status_bsuid_of_a_parent.json", "eg_status_failed_errors_array.json",
		"eg_status_pascal_case.json", "eg_status_wamid_in_subject.json",
	}
	// weKnowMore is what this package reads and the SDK can't: it has no subject.
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
			misread := false
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
						misread = true
						if !slices.Contains(sdkMisreads, name) {
							t.Errorf("the SDK (-) and this package (+) differ:\n%s", diff)
						}
					}
				}
			}
			if !misread && slices.Contains(sdkMisreads, name) {
				t.Error("the SDK reads the same: remove it from sdkMisreads")
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

// checkTime checks that this package reads a time that the SDK does not.
func checkTime(t *testing.T, data string, ours conversation.Time, sdkSawNone bool) {
	t.Helper()
	if !sdkSawNone {
		t.Error("the SDK reads receivedTimestamp now")
	}
	if strings.Contains(data, `"2026-11-20T09:15:01+00:00"`) && ours.String() != "2026-11-20T09:15:01.0000000Z" {
		t.Errorf("the time is %q", ours)
	}
}

// facts are what both read, as text.
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
