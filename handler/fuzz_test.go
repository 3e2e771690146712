package main

import (
	"bytes"
	"encoding/base64"
	stdjson "encoding/json" // another reading of JSON than the handler has
	"encoding/json/jsontext"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// both are the functions that get every input.
var both = []string{receiver, statuses}

// addSamples seeds a fuzzer with every sample and a variant of it, and with the
// hostile events.
func addSamples(f *testing.F, add func(event jsontext.Value, seed uint64)) {
	f.Helper()
	for i, name := range samples(f) {
		for _, event := range sample(f, name) {
			add(event, 0)
			add(event, uint64(i+1))
		}
	}
	for _, event := range hostile() {
		if len(event) < 1000 {
			add(event, 0)
		}
	}
}

// A body is refused if and only if it has no value for the trigger. Otherwise each
// event in it is written or rejected, in outputs that follow their schemas and that
// the host writes unchanged.
func FuzzRequest(f *testing.F) {
	p := newProver(f)
	files, err := filepath.Glob(filepath.Join(repository, "testdata/bridge/requests/*.json"))
	if err != nil || len(files) < 20 {
		f.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var vector struct {
			Request struct {
				Body string `json:"body"`
			} `json:"request"`
		}
		if err := json.Unmarshal(text, &vector); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(strings.Replace(vector.Request.Body, `"eventGridEvent":`, `"eventGridEvents":`, 1)))
	}
	for _, name := range []string{"eg_batch_mixed", "eg_batch_duplicate_event_id", "eg_batch_empty"} {
		f.Add(request(many(sample(f, name))))
	}
	for _, odd := range []string{
		``, `{}`, "\uFEFF" + `{"Data":{"eventGridEvents":{}}}`, `{"Data":{"eventGridEvents":null}}`, `{"Data":{"eventGridEvents":"\"\\\"x\\\"\""}}`,
		`{"Data":{"eventGridEvents":[]},"Data":{}}`, `{"Data":{"eventGridEvents":["\u0000",1,null,[{}],"{}"]}}`, "{\"Data\":{\"eventGridEvents\":\"\xff\"}} ",
		`{"Data":{"eventGridEvents":{"data":1e400,"id":-0}}}`, `{"data":{"eventGridEvents":[]}}`,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, has := triggerOf(body)
		for _, function := range both {
			a := p.invoke(t, function, body)
			if has != (a != nil) {
				t.Fatalf("accepted: %t; it has a value for the trigger: %t", a != nil, has)
			}
			if a != nil {
				a.checkAccounts(t, function, countEvents(want))
			}
		}
	})
}

// triggerOf finds the trigger's value in a body with maps.
func triggerOf(body []byte) (value string, ok bool) {
	var top, data map[string]stdjson.RawMessage
	body = []byte(strings.TrimPrefix(string(body), "\uFEFF"))
	if stdjson.Unmarshal(body, &top) != nil || stdjson.Unmarshal(top["Data"], &data) != nil {
		return "", false
	}
	raw, ok := data["eventGridEvents"]
	return string(raw), ok
}

// countEvents counts the events in a trigger's value: the elements of an array, or
// one.
func countEvents(value string) int {
	var text string
	var array []stdjson.RawMessage
	switch {
	case stdjson.Unmarshal([]byte(value), &array) == nil && array != nil:
		return len(array)
	case stdjson.Unmarshal([]byte(value), &text) == nil && strings.HasPrefix(strings.TrimSpace(value), `"`):
		text = strings.TrimPrefix(text, "\uFEFF")
		if stdjson.Valid([]byte(text)) {
			return countEvents(text)
		}
	}
	return 1
}

// An event has the same outputs in each form in which the host delivers it, also
// among other events. It is written with its data unchanged, or kept unchanged.
func FuzzEnvelope(f *testing.F) {
	p := newProver(f)
	addSamples(f, func(event jsontext.Value, seed uint64) { f.Add([]byte(event), seed) })
	for _, odd := range []string{`{}`, `[]`, `null`, `"{}"`, `{"id":1,"type":true,"specversion":1.0}`, `{"type":"x","data_base64":"e30="}`} {
		f.Add([]byte(odd), uint64(0))
	}
	neighbours := map[string][]jsontext.Value{receiver: sample(f, "eg_received_text"), statuses: sample(f, "eg_status_failed_131047")}
	f.Fuzz(func(t *testing.T, event []byte, seed uint64) {
		value := jsontext.Value(bytes.TrimSpace(lenient.Clean(event)))
		if !value.IsValid(lenient.Options()) {
			return // FuzzRequest tests bodies that are not JSON
		}
		value = variant(value, seed)
		for _, function := range both {
			text, _ := jsontext.AppendQuote(nil, value)
			as := map[string]string{"in an array": "[" + string(value) + "]", "in an array in a text": many([]jsontext.Value{value})}
			if value.Kind() == jsontext.KindBeginObject {
				as["alone"], as["in a text"] = string(value), string(text)
			}
			var first *answer
			for how, triggerValue := range as {
				a := p.invoke(t, function, request(triggerValue))
				if a == nil {
					if depth(value) < deepest {
						t.Fatalf("%s: refused", how)
					}
					continue // the envelope would be nested too deep
				}
				if rejected := a.checkAccounts(t, function, 1); len(rejected) == 1 && value.Kind() == jsontext.KindBeginObject {
					rejected[0].checkKept(t, value)
				}
				if data, ok := dataOf(value); ok {
					a.checkRaw(t, data)
				}
				if first != nil && a.Outputs.RejectedEvents != first.Outputs.RejectedEvents && depth(value) < deepest {
					t.Fatalf("%s: something else is rejected", how)
				}
				first = a
			}
			if first == nil || depth(value) >= deepest {
				continue
			}
			next := neighbours[function][0]
			alone := p.invoke(t, function, request(string(next)))
			among := p.invoke(t, function, request(many([]jsontext.Value{next, value, next})))
			among.checkAccounts(t, function, 3)
			for i, texts := range among.outputs() {
				want := slices.Concat(alone.outputs()[i], first.outputs()[i], alone.outputs()[i])
				if !slices.Equal(texts, want) {
					t.Fatalf("among others: got %.1000q, want %.1000q", texts, want)
				}
			}
		}
	})
}

// outputs returns the texts of all outputs but rejectedEvents.
func (a answer) outputs() [][]string {
	o := a.Outputs
	return [][]string{o.InboundMessages, o.Messages, o.MessageStatus, o.FailedMessages, o.StatusUpdates, o.MediaRequests}
}

// dataOf finds the data of an event with maps.
func dataOf(event []byte) (data []byte, ok bool) {
	var members map[string]stdjson.RawMessage
	if stdjson.Unmarshal(event, &members) != nil {
		return nil, false
	}
	if data := members["data"]; data != nil && string(data) != "null" {
		return data, true
	}
	var text string
	if stdjson.Unmarshal(members["data_base64"], &text) != nil {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return lenient.Clean(data), err == nil
}

// For any values in the payload, the outputs have the same values, and each row has
// the event's own keys.
func FuzzPayload(f *testing.F) {
	p := newProver(f)
	f.Add("m-1", "14255550123", "US.13491208655302741918", "75476a19-a68d-4e10-806c-3680f099e069", "whatsapp", "text", "Hello", "delivered", "2026-11-20T09:15:03Z", "{}")
	f.Add("", "", "", "", "", "", "", "", "", "")
	f.Add("/\\#?|~\x00\u0085", "+1 (425) 555-0123", "a|b", "c/d", "WhatsApp ", "image", "test", "Failed", "0001-01-01T00:00:00", `{"error":{"channelCode":131047}}`)
	f.Add("A0B1C2D3-A68D-4E10-806C-3680F099E069", "-", "-", "-", "x", "reaction", "2026-11-20T09:15:03Z", "read", "9999-12-31T23:59:59.9999999+14:00", `[1e400,"\ud800"]`)
	f.Add(strings.Repeat("é", 300), strings.Repeat("1", 300), strings.Repeat("\x01", 300), strings.Repeat("~", 201), "", "text", "[1]", "SENT", "2026-11-20 09:15:03.123456789+0100", `{"from":1}`)
	f.Fuzz(func(t *testing.T, id, phone, bsuid, channel, channelType, messageType, content, status, at, more string) {
		extra := lenient.Clean([]byte(more))
		if !jsontext.Value(extra).IsValid(lenient.Options()) || depth(extra) > deepest {
			extra = []byte("null")
		}
		fields := map[string]string{
			"messageId": id, "messageType": messageType, "content": content, "status": status, "channelType": channelType, "receivedTimestamp": at,
		}
		identities := func(from, fromBSUID, to, toBSUID string) string {
			fields := map[string]string{"from": from, "fromBSUID": fromBSUID, "to": to, "toBSUID": toBSUID}
			var text strings.Builder
			for _, name := range []string{"from", "fromBSUID", "to", "toBSUID"} {
				text.WriteString(`,"` + name + `":` + quote(fields[name]))
			}
			return text.String()
		}
		data := `{"more":` + string(extra)
		for _, name := range []string{"messageId", "messageType", "content", "status", "channelType", "receivedTimestamp"} {
			data += `,"` + name + `":` + quote(fields[name])
		}
		received := data + identities(phone, bsuid, channel, "") + "}"
		changed := data + identities(channel, "", phone, bsuid) + "}"
		a := p.invoke(t, receiver, request(`{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":`+received+`}`))
		b := p.invoke(t, statuses, request(`{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":`+changed+`}`))
		a.checkAccounts(t, receiver, 1)
		b.checkAccounts(t, statuses, 1)
		a.checkRaw(t, []byte(received))
		b.checkRaw(t, []byte(changed))
		a.checkMessage(t, id, phone, bsuid, content, at)
		b.checkStatus(t, id, status)
		// A message and the status of a reply are in the same conversations.
		if len(a.Outputs.InboundMessages) == 1 && len(b.Outputs.StatusUpdates) == 1 {
			if one, other := conversationsOf(t, a.Outputs.InboundMessages[0]), conversationsOf(t, b.Outputs.StatusUpdates[0]); !slices.Equal(one, other) {
				t.Fatalf("a message is in the conversations %q, the status of a reply in %q", one, other)
			}
		}
	})
}

func quote(text string) string {
	quoted, _ := jsontext.AppendQuote(nil, lenient.Clean([]byte(text)))
	return string(quoted)
}

func conversationsOf(t *testing.T, message string) []string {
	t.Helper()
	var envelope struct {
		Data struct {
			Conversations []string `json:"conversations"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(message), &envelope, lenient.Options()); err != nil {
		t.Fatal(err)
	}
	return envelope.Data.Conversations
}

// checkMessage compares the outputs of a message with its event.
func (a answer) checkMessage(t *testing.T, id, phone, bsuid, content, at string) {
	t.Helper()
	id, content = cleaned(id), string(lenient.Clean([]byte(content)))
	for _, text := range a.Outputs.InboundMessages {
		var message struct {
			ID   string `json:"id"`
			Data struct {
				Text       string `json:"text"`
				TextCut    bool   `json:"textCut"`
				ReceivedAt string `json:"receivedAt"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(text), &message, lenient.Options()); err != nil {
			t.Fatal(err)
		}
		if message.Data.Text != content && !(message.Data.TextCut && strings.HasPrefix(content, message.Data.Text)) {
			t.Fatalf("text %q, want %q", message.Data.Text, content)
		}
		if want := orElse(id, "e"); !strings.EqualFold(message.ID, want) {
			t.Fatalf("id %q, want %q", message.ID, want)
		}
		// A time that the strictest parser accepts is read as the same time.
		if moment, err := time.Parse(time.RFC3339, at); err == nil && moment.UTC().Year() >= 1 && moment.UTC().Year() <= 9999 {
			if want := moment.UTC().Format("2006-01-02T15:04:05.0000000Z"); message.Data.ReceivedAt != want {
				t.Fatalf("receivedAt %q, want %q", message.Data.ReceivedAt, want)
			}
		}
	}
	for _, key := range slices.Concat(a.Outputs.Messages, a.Outputs.MessageStatus) {
		var row struct{ Phone string }
		if err := json.Unmarshal([]byte(key), &row); err != nil || conversation.IsBSUID(row.Phone) {
			t.Fatalf("the phone number is a BSUID: %q; %v", row.Phone, err)
		}
	}
	if len(a.Outputs.Messages) == 2 && (cleaned(phone) == "" || cleaned(bsuid) == "") {
		t.Fatalf("one identity, two rows: %q, %q", phone, bsuid)
	}
	if len(a.Outputs.Messages) == 1 && cleaned(phone) != "" && cleaned(bsuid) != "" && digits(phone) != digits(bsuid) && !conversation.IsBSUID(cleaned(phone)) {
		t.Fatalf("two identities, one row: %q, %q", phone, bsuid)
	}
}

// cleaned returns a text as it is compared: without space around it.
func cleaned(text string) string {
	return strings.TrimSpace(string(lenient.Clean([]byte(text))))
}

// digits returns the digits of a phone number.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+-() ", r) {
			return -1
		}
		return r
	}, cleaned(text))
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// checkStatus compares the outputs of a status with its event.
func (a answer) checkStatus(t *testing.T, id, status string) {
	t.Helper()
	want := orElse(strings.ToLower(cleaned(status)), "unknown")
	if cleaned(id) == "" && len(a.Outputs.MessageStatus) > 0 {
		t.Fatal("a status without a message id is written")
	}
	for _, text := range a.Outputs.MessageStatus {
		var row struct {
			Status string
			Rank   int
			RowKey string
		}
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			t.Fatal(err)
		}
		ranks := map[string]int{"sent": 10, "failed": 15, "delivered": 20, "read": 30, "played": 40}
		if row.Status != want || row.Rank != ranks[want] {
			t.Fatalf("status %q of rank %d, want %q of %d", row.Status, row.Rank, want, ranks[want])
		}
	}
	if failed := len(a.Outputs.FailedMessages) == 1; failed != (want == "failed" && len(a.Outputs.MessageStatus) == 1) {
		t.Fatalf("in failedMessages: %t; status %q", failed, want)
	}
}

// The handler accepts what the host makes of any delivered event, alone and among
// others, and writes or keeps it unchanged.
func FuzzHost(f *testing.F) {
	p := newProver(f)
	addSamples(f, func(event jsontext.Value, seed uint64) { f.Add([]byte(event), seed) })
	for _, odd := range []string{`{'a':1,}`, `{"d":"2026-11-20T09:15:03Z","n":1.10,"big":123456789012345678901234567890,"x":0x10}`, `{"a":"\ud83d","b":NaN}`, `{"data":[1e400]}`} {
		f.Add([]byte(odd), uint64(0))
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		if value := jsontext.Value(bytes.TrimSpace(text)); value.IsValid(lenient.Options()) {
			text = variant(value, seed)
		}
		event, err := dotnet.Read(text, dotnet.Options{})
		if err != nil || event.Kind != dotnet.KindObject {
			return // the delivery fails before the invocation
		}
		if !jsontext.Value(event.Compact()).IsValid(lenient.Options()) {
			return // NaN and the like: not in an event
		}
		for _, function := range both {
			for _, call := range []bridge.Call{
				{Events: []dotnet.Value{event}},
				{Events: []dotnet.Value{event, event}, Many: true},
			} {
				call.ID, call.Function, call.Trigger = someID, function, "eventGridEvents"
				a := p.invoke(t, function, []byte(call.Body()))
				if a == nil {
					t.Fatalf("the request of the host is refused: %.1000s", call.Body())
				}
				for _, r := range a.checkAccounts(t, function, len(call.Events)) {
					r.checkKept(t, []byte(event.Compact()))
				}
				if data, ok := dataOf([]byte(event.Compact())); ok {
					a.checkRaw(t, data)
				}
			}
		}
	})
}
