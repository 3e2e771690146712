package main

import (
	"bytes"
	"encoding/json/jsontext"
	"math/rand/v2"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// parts returns the names and values of an object, or the elements of an array.
func parts(value jsontext.Value) (all []jsontext.Value) {
	decoder := jsontext.NewDecoder(bytes.NewReader(value), lenient.Options())
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() != jsontext.KindEndObject && decoder.PeekKind() != jsontext.KindEndArray {
		var part jsontext.Value
		if part, err = decoder.ReadValue(); err == nil {
			all = append(all, part.Clone())
		}
	}
	return all
}

// oddValues are unexpected values of fields.
var oddValues = []string{
	`null`, `true`, `0`, `-0`, `1.0`, `1e400`, `123456789012345678901234567890`, `""`, `" "`, `"test"`, `"12345678"`, `"2026-11-20T09:15:03Z"`,
	`"0001-01-01T00:00:00"`, `"9999-12-31T23:59:59.9999999Z"`, `"[1]"`, `"{}"`, `"\u0000"`, `"\ud800"`, `"/\\#?|~"`, `"failed"`, `"Delivered"`,
	`"+1 (425) 555-0123"`, `"75476A19-A68D-4E10-806C-3680F099E069"`, `"\ufeff"`, `"e30="`, `[]`, `[{}]`, `{}`, `{"id":"x"}`, `{"channelCode":131047}`,
	`"Microsoft.Communication.AdvancedMessageReceived"`, `"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"`,
}

// oddNames are the names of fields that are read, some of them in another case.
var oddNames = []string{
	"id", "type", "eventType", "specversion", "specVersion", "source", "topic", "subject", "time", "eventTime", "data", "data_base64", "traceparent",
	"messageId", "from", "fromBSUID", "to", "toBSUID", "content", "status", "error", "receivedTimestamp", "receivedTimeStamp", "media", "reaction",
	"messageType", "interactive", "button", "context", "Id", "DATA", "", "\u0000",
}

// variant returns an event with random changes; the seed 0 changes nothing. The
// result is valid JSON.
func variant(event jsontext.Value, seed uint64) jsontext.Value {
	if seed == 0 {
		return event
	}
	v := varier{rand.New(rand.NewPCG(seed, 0))}
	return jsontext.Value(v.value(event))
}

type varier struct{ random *rand.Rand }

func (v varier) one(in []string) string { return in[v.random.IntN(len(in))] }

func (v varier) value(value jsontext.Value) string {
	if v.random.IntN(20) == 0 {
		return v.odd()
	}
	switch value.Kind() {
	case jsontext.KindBeginObject:
		return v.object(value)
	case jsontext.KindBeginArray:
		var elements []string
		for _, element := range parts(value) {
			elements = append(elements, v.value(element))
		}
		return "[" + strings.Join(elements, ",") + "]"
	default:
		return string(value)
	}
}

func (v varier) odd() string {
	switch v.random.IntN(40) {
	case 0: // longer than a queue message, a column or a key may be
		return `"` + strings.Repeat(v.one([]string{"x", "é", "😀", "/", `\u0001`}), 1<<v.random.IntN(17)) + `"`
	case 1:
		depth := 1 << v.random.IntN(8)
		return strings.Repeat("[", depth) + strings.Repeat("]", depth)
	default:
		return v.one(oddValues)
	}
}

func (v varier) object(object jsontext.Value) string {
	var members []string
	add := func(name, value string) {
		quoted, _ := jsontext.AppendQuote(nil, name)
		members = append(members, string(quoted)+":"+value)
	}
	all := parts(object)
	for len(all) > 0 {
		quoted, value := all[0], all[1]
		all = all[2:]
		unquoted, _ := jsontext.AppendUnquote(nil, quoted)
		name := string(unquoted)
		switch v.random.IntN(30) {
		case 0: // removed
		case 1:
			add(v.one(oddNames), v.value(value))
		case 2: // repeated
			add(name, v.odd())
			add(name, v.value(value))
		case 3:
			add(name, v.value(value))
			add(name, v.odd())
		default:
			add(name, v.value(value))
		}
	}
	if v.random.IntN(4) == 0 {
		add(v.one(oddNames), v.odd())
	}
	return "{" + strings.Join(members, ",") + "}"
}
