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
	"whatsapp-functions/handler/lenient"
)

// both are the functions that every input is tried on.
var both = []string{receiver, statuses}

// addSamples seeds a fuzzer with every sample as it is and in a variant, and
// with events that stretch it.
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

// Whatever the body is: it is refused exactly when it holds no value for the
// trigger, and otherwise each event in it is accounted for, in outputs that
// follow their schemas and that the host writes as they are.
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
				t.Fatalf("taken: %t; it holds a value for the trigger: %t", a != nil, has)
			}
			if a != nil {
				a.checkAccounts(t, function, countEvents(want))
			}
		}
	})
}

// triggerOf finds the trigger's value in a body by way of maps.
func triggerOf(body []byte) (value string, ok bool) {
	var top, data map[string]stdjson.RawMessage
	body = []byte(strings.TrimPrefix(string(body), "\uFEFF"))
	if stdjson.Unmarshal(body, &top) != nil || stdjson.Unmarshal(top["Data"], &data) != nil {
		return "", false
	}
	raw, ok := data["eventGridEvents"]
	return string(raw), ok
}

// countEvents counts what a trigger's value hands over: the elements of an
// array, or one.
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

// Whatever an event is, each way of handing it over writes the same, next to
// other events too. It is written with its data as that came, or kept as it
// came.
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
			return // a body that is no JSON is for FuzzRequest
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
						t.Fatalf("%s it is refused", how)
					}
					continue // no room for what stands around it
				}
				if rejected := a.checkAccounts(t, function, 1); len(rejected) == 1 && value.Kind() == jsontext.KindBeginObject {
					rejected[0].checkKept(t, value)
				}
				if data, ok := dataOf(value); ok {
					a.checkRaw(t, data)
				}
				if first != nil && a.Outputs.RejectedEvents != first.Outputs.RejectedEvents && depth(value) < deepest {
					t.Fatalf("%s another thing is rejected", how)
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
					t.Fatalf("next to others something else is written: %.1000q, want %.1000q", texts, want)
				}
			}
		}
	})
}

// outputs are the texts of all outputs but rejectedEvents.
func (a answer) outputs() [][]string {
	o := a.Outputs
	return [][]string{o.InboundMessages, o.Messages, o.MessageStatus, o.FailedMessages, o.StatusUpdates}
}

// dataOf is the data of an event by way of maps.
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

// Whatever the payload's members hold: what is told of it in members of our
// own is what came, and each row has the event's own keys.
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
		member := func(from, fromBSUID, to, toBSUID string) string {
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
		received := data + member(phone, bsuid, channel, "") + "}"
		changed := data + member(channel, "", phone, bsuid) + "}"
		a := p.invoke(t, receiver, request(`{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":`+received+`}`))
		b := p.invoke(t, statuses, request(`{"id":"e","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":`+changed+`}`))
		a.checkAccounts(t, receiver, 1)
		b.checkAccounts(t, statuses, 1)
		a.checkRaw(t, []byte(received))
		b.checkRaw(t, []byte(changed))
		a.checkMessage(t, id, phone, bsuid, content, at)
		b.checkStatus(t, id, status)
		// Both sides of a conversation are stored under the same keys.
		if len(a.Outputs.InboundMessages) == 1 && len(b.Outputs.StatusUpdates) == 1 {
			if one, other := conversationsOf(t, a.Outputs.InboundMessages[0]), conversationsOf(t, b.Outputs.StatusUpdates[0]); !slices.Equal(one, other) {
				t.Fatalf("a message is in the conversations %q, its answer in %q", one, other)
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

// checkMessage checks what is told of a message against what came.
func (a answer) checkMessage(t *testing.T, id, phone, bsuid, content, at string) {
	t.Helper()
	id, content = cleaned(id), string(lenient.Clean([]byte(content)))
	for _, text := range a.Outputs.InboundMessages {
		var message struct {
			ID   string `json:"id"`
			Data struct {
				Text       string `json:"text"`
				ReceivedAt string `json:"receivedAt"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(text), &message, lenient.Options()); err != nil {
			t.Fatal(err)
		}
		if message.Data.Text != content {
			t.Fatalf("text %q, want %q", message.Data.Text, content)
		}
		if want := orElse(id, "e"); !strings.EqualFold(message.ID, want) {
			t.Fatalf("id %q, want %q", message.ID, want)
		}
		// Where the strictest reading of a time has one, it is that moment.
		if moment, err := time.Parse(time.RFC3339, at); err == nil && moment.UTC().Year() >= 1 && moment.UTC().Year() <= 9999 {
			if want := moment.UTC().Format("2006-01-02T15:04:05.0000000Z"); message.Data.ReceivedAt != want {
				t.Fatalf("receivedAt %q, want %q", message.Data.ReceivedAt, want)
			}
		}
	}
	if len(a.Outputs.Messages) == 2 && (cleaned(phone) == "" || cleaned(bsuid) == "") {
		t.Fatalf("one identity, two rows: %q, %q", phone, bsuid)
	}
	if len(a.Outputs.Messages) == 1 && cleaned(phone) != "" && cleaned(bsuid) != "" && digits(phone) != digits(bsuid) {
		t.Fatalf("two identities, one row: %q, %q", phone, bsuid)
	}
}

// cleaned is a text as it is compared: without the space around it.
func cleaned(text string) string {
	return strings.TrimSpace(string(lenient.Clean([]byte(text))))
}

// digits are what makes a phone number.
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

// checkStatus checks what is told of a status against what came.
func (a answer) checkStatus(t *testing.T, id, status string) {
	t.Helper()
	want := orElse(strings.ToLower(cleaned(status)), "unknown")
	if cleaned(id) == "" && len(a.Outputs.MessageStatus) > 0 {
		t.Fatal("a status of nothing is written")
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
		ranks := map[string]int{"sent": 10, "failed": 15, "delivered": 20, "read": 30}
		if row.Status != want || row.Rank != ranks[want] {
			t.Fatalf("status %q of rank %d, want %q of %d", row.Status, row.Rank, want, ranks[want])
		}
	}
	if failed := len(a.Outputs.FailedMessages) == 1; failed != (want == "failed" && len(a.Outputs.MessageStatus) == 1) {
		t.Fatalf("told to failedMessages: %t; status %q", failed, want)
	}
}

// Whatever is delivered to the host: what it makes of an event gets through to
// the handler, alone and among many, and comes back as it is.
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
			return // Event Grid's delivery fails before there is an invocation
		}
		if !jsontext.Value(event.Compact()).IsValid(lenient.Options()) {
			return // NaN and its like: no event holds them
		}
		for _, function := range both {
			for _, call := range []bridge.Call{
				{Events: []dotnet.Value{event}},
				{Events: []dotnet.Value{event, event}, Many: true},
			} {
				call.ID, call.Function, call.Trigger = someID, function, "eventGridEvents"
				a := p.invoke(t, function, []byte(call.Body()))
				if a == nil {
					t.Fatalf("the host's request is refused: %.1000s", call.Body())
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
