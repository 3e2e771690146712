package main

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// parsed is a text of an output, with paths such as "data/from/phone" to its
// fields.
type parsed map[string]any

func parseAll(t *testing.T, texts []string) (all []parsed) {
	t.Helper()
	for _, text := range texts {
		var p parsed
		if err := json.Unmarshal([]byte(text), &p, jsontext.AllowDuplicateNames(true)); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// at returns the text of a field, and "-" if there is none.
func (p parsed) at(path string) string {
	var value any = map[string]any(p)
	for name := range strings.SplitSeq(path, "/") {
		object, _ := value.(map[string]any)
		found, ok := object[name]
		if !ok {
			return "-"
		}
		value = found
	}
	return fmt.Sprint(value)
}

// Samples whose point a golden file would hide: the fields that matter, of each
// queue message and row.
func TestCases(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	const channel = "9f1c2d3e-0a1b-4c5d-8e6f-112233445566"
	for name, test := range map[string]struct {
		function string
		// messages and rows are the values at the paths, one line each.
		messagePaths, rowPaths string
		messages, rows         []string
	}{
		"ce_batch_two_failures_first_again": {
			statuses, "id data/failure/retry", "RowKey ErrorCode",
			[]string{
				"0633c9a1-8bb9-4206-a6df-e63c6b7df0a1:failed:131000 check-first",
				"0633c9a1-8bb9-4206-a6df-e63c6b7df0a1:failed:131026 never",
				"0633c9a1-8bb9-4206-a6df-e63c6b7df0a1:failed:131000 check-first",
			},
			[]string{"84-failed-2516067863999999999-131000 131000", "84-failed-2516067860999999999-131026 131026", "84-failed-2516067863999999999-131000 131000"},
		},
		"eg_received_bsuid_in_from": {
			receiver, "data/from/bsuid data/from/phone data/conversations", "PartitionKey Bsuid Phone",
			[]string{"AR.13491208655302741918 - [" + channel + "|AR.13491208655302741918]"}, []string{channel + "|AR.13491208655302741918 AR.13491208655302741918 -"},
		},
		"eg_status_bsuid_in_to":       {statuses, "data/to/bsuid data/to/phone", "Bsuid Phone", []string{"US.13491208655302741918 -"}, []string{"US.13491208655302741918 -"}},
		"eg_status_bsuid_of_a_parent": {statuses, "data/to/bsuid data/to/phone", "Bsuid Phone", []string{"US.ENT.11815799212886844830 -"}, []string{"US.ENT.11815799212886844830 -"}},
		"ce_status_time_absent":       {statuses, "data/occurredAt", "OccurredAt", []string{"2026-11-24T10:00:00.0000000Z"}, []string{"2026-11-24T10:00:00.0000000Z"}},
		"ce_received_time_year_1": {
			receiver, "data/replyBy", "RowKey ReplyBy",
			[]string{"2026-11-25T10:00:00.0000000Z"}, []string{"2516067863999999999-0633c9a1-8bb9-4206-a6df-e63c6b7df0a1 2026-11-25T10:00:00.0000000Z"},
		},
		"ce_received_media_names_in_other_case": {
			receiver, "data/media/id data/media/mimeType", "MediaId MediaType",
			[]string{"4ca1a773-08a1-4531-8bc5-19c504ef87a8 image/png"}, []string{"4ca1a773-08a1-4531-8bc5-19c504ef87a8 image/png"},
		},
		"eg_received_bsuid_name_in_other_case": {receiver, "data/from/bsuid", "Bsuid", []string{"US.13491208655302741918"}, []string{"US.13491208655302741918"}},
		"eg_received_pascal_case": {
			receiver, "id source time data/kind data/choice/kind data/choice/title data/replyTo/messageId data/media/caption data/button/payload data/reaction/emoji data/error/code",
			"PartitionKey ChoiceTitle Caption ButtonText Reaction ErrorMessage",
			[]string{"m /subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/rg-demo/providers/microsoft.communication/communicationservices/acs-demo 2026-11-20T10:00:01.1234567Z interactive list Blue earlier c p 👍 131051"},
			[]string{channel + "|US.13491208655302741918 Blue c b 👍 e", channel + "|14255550123 Blue c b 👍 e"},
		},
		"eg_received_names_in_two_cases": {
			receiver, "data/messageId data/from/phone data/text", "MessageId Phone Text", []string{"m 14255550123 right"}, []string{"m 14255550123 right"},
		},
		"eg_received_sender_in_subject": {receiver, "data/from/phone", "Phone", []string{"14255550123"}, []string{"14255550123"}},
		"eg_received_bsuid_in_subject":  {receiver, "data/from/bsuid data/from/phone", "Bsuid", []string{"US.13491208655302741918 -"}, []string{"US.13491208655302741918"}},
		"eg_status_undelivered_with_code": {
			statuses, "id data/status data/failure/class", "RowKey Status Rank FailureClass",
			[]string{"m:failed:131026 undelivered recipient"}, []string{"84-failed-2516071319999999999-131026 undelivered 15 recipient"},
		},
		"eg_status_failed_error_code_message": {
			statuses, "id data/error/code data/error/message data/failure/class", "ErrorCode ErrorMessage FailureClass",
			[]string{"err-alias:failed:131047 131047 Re-engagement message window-closed"}, []string{"131047 Re-engagement message window-closed"},
		},
		"eg_status_failed_errors_array": {
			statuses, "id data/error/code data/error/message data/failure/class", "ErrorCode", []string{"m:failed:131047 131047 Re-engagement message window-closed"}, []string{"131047"},
		},
		"eg_status_played":           {statuses, "id data/status", "RowKey Rank", []string{"m:played played"}, []string{"59-played 40"}},
		"eg_status_wamid_in_subject": {statuses, "id data/messageId", "PartitionKey", []string{"wamid.HBgLMTQ/NTU1AbC=:delivered wamid.HBgLMTQ/NTU1AbC="}, []string{"wamid.HBgLMTQ~2fNTU1AbC="}},
		"ce_status_wamid":            {statuses, "id subject", "PartitionKey", []string{"wamid.HBgLMTQ/NTU1AbC=:read wamid.HBgLMTQ/NTU1AbC="}, []string{"wamid.HBgLMTQ~2fNTU1AbC="}},
		// İPTAL and PARÁ are no default words; package conversation tests them.
		"eg_batch_optout_decomposed_and_dotted": {receiver, "data/optOut", "OptOut", []string{"-", "-"}, []string{"-", "-"}},
		"ce_received_button_stop_promotions":    {receiver, "data/optOut", "OptOut ButtonText ButtonPayload", []string{"true"}, []string{"true Stop promotions Stop promotions"}},
		"eg_batch_optout_kinds": {
			receiver, "data/optOut", "OptOut",
			[]string{"true", "true", "true", "true", "true", "true", "true", "-", "-"}, []string{"true", "true", "true", "true", "true", "true", "true", "-", "-"},
		},
		"eg_source_not_ascii": {
			receiver, "source", "",
			[]string{"/subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/gr%C3%BC%C3%9Fe/providers/microsoft.communication/communicationservices/acs-demo"}, []string{""},
		},
		"eg_received_nested_62":      {receiver, "data/rawOmitted data/text", "", []string{"- Hello"}, []string{""}},
		"eg_received_nested_63":      {receiver, "data/rawOmitted data/raw data/text", "", []string{"true - Hello"}, []string{""}},
		"eg_received_repeated_name":  {receiver, "data/text data/raw/content", "Text", []string{"b b"}, []string{"b"}},
		"eg_received_lone_surrogate": {receiver, "data/text data/raw/content", "Text", []string{"half \uFFFD emoji é half \uFFFD emoji é"}, []string{"half \uFFFD emoji é"}},
		"eg_received_reaction":       {receiver, "data/reaction/emoji", "Reaction ReactionToMessageId", []string{"👍"}, []string{"👍 a3846274-6892-4473-b766-ca85187904c8"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := invoke(t, server, test.function, many(sample(t, name)))
			for _, output := range []struct {
				texts       []string
				paths, want string
			}{
				{append(a.Outputs.InboundMessages, a.Outputs.StatusUpdates...), test.messagePaths, strings.Join(test.messages, "\n")},
				{append(a.Outputs.Messages, a.Outputs.MessageStatus...), test.rowPaths, strings.Join(test.rows, "\n")},
			} {
				var got []string
				for _, p := range parseAll(t, output.texts) {
					var values []string
					for path := range strings.FieldsSeq(output.paths) {
						values = append(values, p.at(path))
					}
					got = append(got, strings.Join(values, " "))
				}
				if diff := cmp.Diff(output.want, strings.Join(got, "\n")); diff != "" {
					t.Error(diff)
				}
			}
			if test.function == statuses {
				failed := slices.DeleteFunc(slices.Clone(test.messages), func(line string) bool { return !strings.Contains(line, ":failed:") })
				if strings.Contains(test.messagePaths, "id") && len(a.Outputs.FailedMessages) != len(failed) {
					t.Errorf("%d messages in failedMessages, want %d", len(a.Outputs.FailedMessages), len(failed))
				}
			}
		})
	}
}

// The row keeps a lone surrogate in the event, and the queue message has U+FFFD
// for it.
func TestRowKeepsLoneSurrogate(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	a := invoke(t, server, receiver, many(sample(t, "eg_received_lone_surrogate")))
	if event := parseAll(t, a.Outputs.Messages)[0].at("Event"); !strings.Contains(event, `half \ud83d emoji`) {
		t.Errorf("Event: %s", event)
	}
	if message := a.Outputs.InboundMessages[0]; !jsontext.Value(message).IsValid() {
		t.Errorf("strict readers refuse %s", message)
	}
}

// Every source is a URI reference, so that the CloudEvents SDKs read the message.
func TestSourcesOfQueueMessages(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	a := invoke(t, server, receiver, many(sample(t, "eg_source_not_a_uri")))
	var got []string
	for _, p := range parseAll(t, a.Outputs.InboundMessages) {
		got = append(got, p.at("source"))
	}
	want := []string{
		"/subscriptions/%7Bsubscription-id%7D/resourceGroups/my%20group", "a#b%23c", "http%3A//host%3Aport/x", "100%25", "/%2F%5Bx", "%3C%22%7C%5C%5E%60%3E", "%41%25zz", "%20",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A long text reaches its consumer: the queue message has its start, the rows are
// written, and rejectedEvents keeps the whole event.
func TestLongTexts(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	const event = `{"id":"e","topic":"/t","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T10:00:00Z","data":%s}`
	for name, data := range map[string]map[string]any{
		"48,900 ASCII characters":   {"content": strings.Repeat("x", 48_900)},
		"16,500 Chinese characters": {"content": strings.Repeat("中", 16_500)},
		"33,000 line breaks":        {"content": strings.Repeat("a\n", 33_000)},
		"65,536 emoji":              {"content": strings.Repeat("😀", 65_536)},
		"control characters":        {"content": strings.Repeat("\x01", 20_000)},
		"a long caption":            {"media": map[string]any{"id": "f", "caption": strings.Repeat("é", 60_000)}},
		"a long text and caption":   {"content": strings.Repeat("x", 60_000), "media": map[string]any{"id": "f", "caption": strings.Repeat("y", 60_000)}},
		"a long text and ids":       {"content": strings.Repeat("x", 60_000), "media": map[string]any{"id": strings.Repeat("i", 15_000), "fileName": strings.Repeat("n", 15_000)}},
		"a long button":             {"button": map[string]any{"text": strings.Repeat("b", 60_000)}},
		"a long choice":             {"interactive": map[string]any{"listReply": map[string]any{"id": "1", "title": strings.Repeat("t", 40_000), "description": strings.Repeat("d", 40_000)}}},
		"a long error":              {"error": map[string]any{"channelCode": "1", "channelMessage": strings.Repeat("e", 60_000)}},
		"every column as long as can be": {
			"content": strings.Repeat("x", 200_000), "media": map[string]any{"caption": strings.Repeat("y", 200_000)}, "button": map[string]any{"text": strings.Repeat("z", 200_000)},
			"interactive": map[string]any{"listReply": map[string]any{"title": strings.Repeat("t", 200_000)}}, "error": map[string]any{"channelMessage": strings.Repeat("e", 200_000)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			data["messageId"], data["from"], data["fromBSUID"], data["to"] = "m", "14255550123", "US.1", "c"
			text, err := json.Marshal(data, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			whole := fmt.Sprintf(event, text)
			a := invoke(t, server, receiver, whole)
			if len(a.Outputs.InboundMessages) != 1 || len(a.Outputs.Messages) != 2 {
				t.Fatalf("%d queue messages, %d rows", len(a.Outputs.InboundMessages), len(a.Outputs.Messages))
			}
			message := a.Outputs.InboundMessages[0]
			p := parseAll(t, a.Outputs.InboundMessages)[0]
			if len(message) > 48<<10 || p.at("data/textCut") != "true" || p.at("data/rawOmitted") != "true" || p.at("data/replyBy") == "-" {
				t.Errorf("a queue message of %d bytes, textCut %s, rawOmitted %s, replyBy %s", len(message), p.at("data/textCut"), p.at("data/rawOmitted"), p.at("data/replyBy"))
			}
			rejected := a.rejected(t).Events
			if len(rejected) != 1 || rejected[0].Reason != "oversize" || !rejected[0].Written || string(rejected[0].Event) != whole {
				t.Errorf("rejected: %.300v", rejected)
			}
		})
	}
}

// A large body of empty events must not take a multiple of its size in memory.
func TestAmplification(t *testing.T) {
	p := newProver(t)
	for name, body := range map[string]string{
		"too many events":             "[" + strings.TrimSuffix(strings.Repeat("{},", 4<<20), ",") + "]",
		"too many events in a string": `"[` + strings.TrimSuffix(strings.Repeat("{},", 4<<20), ",") + `]"`,
	} {
		w := p.post(t, receiver, request(body), someID, someTrace)
		if w.Code != 413 || w.Body.Len() > 100 {
			t.Errorf("%s: answer %d of %d bytes", name, w.Code, w.Body.Len())
		}
	}
	w := p.post(t, receiver, request("["+strings.TrimSuffix(strings.Repeat("{},", 10_000), ",")+"]"), someID, someTrace)
	if w.Code != 200 {
		t.Errorf("10,000 events: answer %d", w.Code)
	}
}

// The completion line of a failed message is a warning, for alerts.
func TestFailuresAreWarnings(t *testing.T) {
	for name, want := range map[string]string{
		"eg_status_failed_131047":         `"level":"warn"`,
		"eg_status_undelivered_with_code": `"level":"warn"`,
		"eg_status_read":                  `"level":"info"`,
		"eg_status_delivered_with_error":  `"level":"info"`,
	} {
		var log bytes.Buffer
		invoke(t, serveApp(t, testkit.AppFolder(t), &log), statuses, many(sample(t, name)))
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s: the log lacks %s: %s", name, want, &log)
		}
	}
}
