package acs_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

func event(data string) messaging.CloudEvent {
	return messaging.CloudEvent{ID: "e", Data: lenient.Value(data)}
}

var unknown = conversation.Channel{Type: "unknown"}

func compare(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b conversation.Time) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// Forms that no sample has: those that the sources disagree about, and those that
// no source mentions.
func TestMessage(t *testing.T) {
	received, _ := lenient.Time("2026-11-20T09:15:01Z")
	for name, test := range map[string]struct {
		data string
		want conversation.Message
	}{
		"nothing at all": {
			`{}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported},
		},
		"the spelling of the specification": {
			`{"receivedTimeStamp":"2026-11-20T09:15:01Z","content":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindText, Text: "x", ReceivedAt: conversation.At(received)},
		},
		"an escaped plus sign": {
			`{"receivedTimestamp":"2026-11-20T10:15:01\u002B01:00","from":"\u002B14255550123"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported, ReceivedAt: conversation.At(received), From: conversation.Participant{Phone: "14255550123"}},
		},
		"numbers for texts": {
			`{"from":14255550123,"messageId":7,"content":12.50,"channelType":"WhatsApp","to":"75476A19-A68D-4E10-806C-3680F099E069"}`,
			conversation.Message{
				Channel: conversation.Channel{Type: "whatsapp", ID: "75476a19-a68d-4e10-806c-3680f099e069"},
				From:    conversation.Participant{Phone: "14255550123"}, MessageID: "7", Kind: conversation.KindText, Text: "12.50",
			},
		},
		"objects for texts and texts for objects": {
			`{"from":{"a":1},"content":["x"],"messageType":{},"media":"x","context":7,"button":true,"interactive":"x","reaction":[],"error":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported},
		},
		"objects with nothing in them": {
			`{"messageType":"image","media":{},"context":{},"button":{},"interactive":{"buttonReply":{}},"reaction":{},"error":{}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindImage},
		},
		"a type with space around it": {
			`{"messageType":" Sticker "}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindSticker},
		},
		"no type, a reaction": {
			`{"reaction":{"messageId":"M"},"content":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindReaction, Text: "x", Reaction: &conversation.Reaction{MessageID: "M", Removed: true}},
		},
		"no type, a list reply": {
			`{"interactive":{"type":"listReply","listReply":{"id":"1","title":"t","description":"d"}}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindInteractive, Choice: &conversation.Choice{Kind: conversation.ChoiceList, ID: "1", Title: "t", Description: "d"}},
		},
		"no type, a button": {
			`{"button":{"text":"t","payload":"p"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindButton, Button: &conversation.Button{Text: "t", Payload: "p"}},
		},
		"no type, a picture": {
			`{"media":{"id":"1","mimeType":"IMAGE/png"},"content":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindImage, Text: "x", Media: &conversation.Media{ID: "1", MIMEType: "IMAGE/png"}},
		},
		"no type, a film": {
			`{"media":{"id":"1","mimeType":"video/mp4"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindVideo, Media: &conversation.Media{ID: "1", MIMEType: "video/mp4"}},
		},
		"no type, a voice": {
			`{"media":{"id":"1","mimeType":"audio/ogg; codecs=opus"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindAudio, Media: &conversation.Media{ID: "1", MIMEType: "audio/ogg; codecs=opus"}},
		},
		"no type, a sticker": {
			`{"media":{"id":"1","mimeType":"image/webp"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindSticker, Media: &conversation.Media{ID: "1", MIMEType: "image/webp"}},
		},
		"no type, any other file": {
			`{"media":{"id":"1","mimeType":"text/csv","fileName":"a.csv"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindDocument, Media: &conversation.Media{ID: "1", MIMEType: "text/csv", FileName: "a.csv"}},
		},
		"animated as text": {
			`{"messageType":"sticker","media":{"id":"1","mimeType":"image/webp","animated":"True"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindSticker, Media: &conversation.Media{ID: "1", MIMEType: "image/webp", Animated: new(true)}},
		},
		"animated in no known form": {
			`{"messageType":"sticker","media":{"id":"1","mimeType":"image/webp","animated":"maybe"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindSticker, Media: &conversation.Media{ID: "1", MIMEType: "image/webp"}},
		},
		"an emoji as the text of its escape": {
			`{"reaction":{"messageId":"M","emoji":"\\uD83D\\uDC4D"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindReaction, Reaction: &conversation.Reaction{MessageID: "M", Emoji: "👍"}},
		},
		"an emoji that only looks escaped": {
			`{"reaction":{"messageId":"M","emoji":"\\uD83D\""}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindReaction, Reaction: &conversation.Reaction{MessageID: "M", Emoji: `\uD83D"`}},
		},
		"a reaction taken back with null": {
			`{"messageType":"reaction","reaction":{"messageId":"M","emoji":null}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindReaction, Reaction: &conversation.Reaction{MessageID: "M", Removed: true}},
		},
		"both replies: the type decides": {
			`{"interactive":{"buttonReply":{"id":"b"},"listReply":{"id":"l"},"type":"LISTREPLY"}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindInteractive, Choice: &conversation.Choice{Kind: conversation.ChoiceList, ID: "l"}},
		},
		"both replies and no type: the button": {
			`{"interactive":{"listReply":{"id":"l"},"buttonReply":{"id":"b"}}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindInteractive, Choice: &conversation.Choice{Kind: conversation.ChoiceButton, ID: "b"}},
		},
		"a reply taken back": {
			`{"interactive":{"buttonReply":{"id":"b"},"buttonReply":null}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported},
		},
		"both spellings of the time, the misspelt one empty": {
			`{"receivedTimestamp":"2026-11-20T09:15:01Z","receivedTimeStamp":null,"content":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindText, Text: "x", ReceivedAt: conversation.At(received)},
		},
		"both spellings of the time, the right one empty": {
			`{"receivedTimeStamp":"2026-11-20T09:15:01Z","receivedTimestamp":"","content":"x"}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindText, Text: "x", ReceivedAt: conversation.At(received)},
		},
		"ids with space, and ids in capitals": {
			`{"messageId":" 75476A19-A68D-4E10-806C-3680F099E069 ","fromBSUID":" US.1 ","context":{"id":"75476A19-A68D-4E10-806C-3680F099E069","from":"+1 425 555 0123"},"reaction":{"messageId":"75476A19-A68D-4E10-806C-3680F099E069","emoji":"👍"}}`,
			conversation.Message{
				Channel: unknown, MessageID: "75476a19-a68d-4e10-806c-3680f099e069", From: conversation.Participant{BSUID: "US.1"}, Kind: conversation.KindReaction,
				ReplyTo:  &conversation.Reference{MessageID: "75476a19-a68d-4e10-806c-3680f099e069", From: "14255550123"},
				Reaction: &conversation.Reaction{MessageID: "75476a19-a68d-4e10-806c-3680f099e069", Emoji: "👍"},
			},
		},
		"an id of nothing but space": {
			`{"messageId":"  "}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported},
		},
		"a number that was taken for a decimal": {
			`{"from":14255550123.0,"error":{"channelCode":131051.0}}`,
			conversation.Message{Channel: unknown, From: conversation.Participant{Phone: "14255550123"}, Kind: conversation.KindUnsupported, Error: &conversation.Error{Code: "131051"}},
		},
		"a reply and a null": {
			`{"interactive":{"buttonReply":{"id":"b"},"listReply":null}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindInteractive, Choice: &conversation.Choice{Kind: conversation.ChoiceButton, ID: "b"}},
		},
		"a code as a number": {
			`{"messageType":"unsupported","error":{"channelCode":131051}}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported, Error: &conversation.Error{Code: "131051"}},
		},
		"a repeated field: the last one": {
			`{"content":"x","content":"y","from":"1","from":null}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindText, Text: "y"},
		},
		"a channel that is null": {
			`{"channelType":null,"to":null}`,
			conversation.Message{Channel: unknown, Kind: conversation.KindUnsupported},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := acs.Message(event(test.data))
			if err != nil {
				t.Fatal(err)
			}
			test.want.EventID, test.want.Raw = "e", test.data
			compare(t, test.want, got)
		})
	}
}

func TestDataThatIsNoObject(t *testing.T) {
	for name, test := range map[string]struct {
		event messaging.CloudEvent
		want  string
	}{
		"none":      {messaging.CloudEvent{}, "the event has no data"},
		"null":      {event(`null`), "data is null, not an object"},
		"a string":  {event(`"4255550123"`), "data is a string, not an object"},
		"a number":  {event(`4255550123`), "data is a number, not an object"},
		"an array":  {event(`[{}]`), "data is an array, not an object"},
		"a boolean": {event(`true`), "data is a boolean, not an object"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := acs.Message(test.event); err == nil || err.Error() != test.want {
				t.Errorf("Message: got %v, want %s", err, test.want)
			}
			if _, err := acs.Status(test.event); err == nil || err.Error() != test.want {
				t.Errorf("Status: got %v, want %s", err, test.want)
			}
		})
	}
}
