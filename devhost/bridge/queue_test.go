package bridge_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

func queueCall(text string, binary bool) bridge.Call {
	at := time.Date(2026, 11, 20, 10, 15, 3, 987_000_000, time.FixedZone("", 3600))
	m := &bridge.QueueMessage{Queue: "q", Binary: binary, Message: storage.Message{
		ID: "m-1", Receipt: "r", DequeueCount: 2, Inserted: at, Expires: at.Add(storage.TimeToLive), NextVisible: at.Add(10 * time.Minute), Body: []byte(text),
	}}
	return bridge.Call{Function: "F", Trigger: "item", Message: m, Events: []dotnet.Value{m.Value()}, Now: at, GUID: "g"}
}

func TestQueueExpressions(t *testing.T) {
	const text = `{"key":"k","n":1.10,"yes":true,"d":"2026-11-20T09:15:03Z","deep":{"a":[1],"b":"x"},"list":[1],"nothing":null,"PopReceipt":"own"}`
	for expression, want := range map[string]string{
		"{key}":                 "k",
		"{KEY}":                 "k",
		"{n}":                   "1.1",
		"{yes}":                 "True",
		"{d}":                   "11/20/2026 09:15:03",
		"{deep.b}":              "x",
		"{id}":                  "m-1",
		"{dequeueCount}":        "2",
		"{popReceipt}":          "own",
		"{insertionTime}":       "11/20/2026 09:15:03 +00:00",
		"{queueTrigger}":        text,
		"{sys.methodname}":      "F",
		"{rand-guid}":           "g",
		"a/{id}/{key}-{n}.json": "a/m-1/k-1.1.json",
		"{list}":                "!{list} has no value",
		"{nothing}":             "!{nothing} has no value",
		"{deep}":                "!{deep} has no value",
		"{item}":                "!{item} has no value",
		"{data.key}":            "!{data.key} has no value",
	} {
		call := queueCall(text, false)
		e := bridge.Expressions{
			Setting: func(string) (string, bool) { return "", false }, Data: dotnet.NewObject(call.BindingData()...), Function: "F", Now: call.Now, GUID: func() string { return "g" },
		}
		got, err := e.Resolve(expression)
		if want, isError := strings.CutPrefix(want, "!"); isError {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: got %q, %v", expression, got, err)
			}
		} else if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", expression, got, err, want)
		}
	}
}

// The fields of a message replace properties in any case, and come after sys
// otherwise. Those that end in trigger are left out.
func TestQueueMetadata(t *testing.T) {
	const (
		start  = `{"Data":{"item":`
		before = `},"Metadata":{"DequeueCount":"2","ExpirationTime":"2026-11-27T09:15:03+00:00","Id":"\"m-1\"","InsertionTime":"2026-11-20T09:15:03+00:00","NextVisibleTime":"2026-11-20T09:25:03+00:00","PopReceipt":"\"r\"",`
		sys    = `{"MethodName":"F","UtcNow":"2026-11-20T09:15:03.987Z","RandGuid":"g"}`
	)
	for text, want := range map[string]string{
		`hello`:                         start + `"\"hello\""` + before + `"sys":` + sys + `}}`,
		`{"b":1,"a":{"d":[2]},"c":[3]}`: start + `"\"{\\\"b\\\":1,\\\"a\\\":{\\\"d\\\":[2]},\\\"c\\\":[3]}\""` + before + `"sys":` + sys + `,"b":"\"1\"","a":{"d":[2]}}}`,
		`{"DEQUEUECOUNT":"x","popreceipt":{"o":1}}`: start + `"\"{\\\"DEQUEUECOUNT\\\":\\\"x\\\",\\\"popreceipt\\\":{\\\"o\\\":1}}\""` +
			strings.NewReplacer(`"DequeueCount":"2"`, `"DequeueCount":"\"x\""`, `"PopReceipt":"\"r\""`, `"PopReceipt":{"o":1}`).Replace(before) + `"sys":` + sys + `}}`,
		`{"myTrigger":1,"queueTrigger":2,"k":3}`: start + `"\"{\\\"myTrigger\\\":1,\\\"queueTrigger\\\":2,\\\"k\\\":3}\""` + before + `"sys":` + sys + `,"k":"\"3\""}}`,
		`{"sys":"mine"}`:                         start + `"\"{\\\"sys\\\":\\\"mine\\\"}\""` + before + `"$sys":` + sys + `,"sys":"\"mine\""}}`,
		`{"a":1} x`:                              start + `"\"{\\\"a\\\":1} x\""` + before + `"sys":` + sys + `}}`,
	} {
		if got := queueCall(text, false).Body(); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
	// Bytes have no fields, and are encoded once.
	if got, want := queueCall(`{"k":1}`, true).Body(), start+`"eyJrIjoxfQ=="`+before+`"sys":`+sys+`}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestQueueMessageThatIsNotUTF8(t *testing.T) {
	for binary, want := range map[bool]error{false: bridge.ErrNotUTF8, true: nil} {
		if err := queueCall("\xff", binary).Message.Check(); !errors.Is(err, want) {
			t.Errorf("binary %v: %v", binary, err)
		}
	}
	if err := queueCall("é", false).Message.Check(); err != nil {
		t.Error(err)
	}
}
