package history_test

import (
	"errors"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
)

// queueResult returns the result of a call with a queue message.
func queueResult(text string, err error) host.Result {
	m := &bridge.QueueMessage{Queue: "requests", Message: storage.Message{ID: "m", DequeueCount: 2, Body: []byte(text)}}
	return host.Result{
		Call:    bridge.Call{ID: "i", Function: "F", Message: m, Events: []dotnet.Value{m.Value()}},
		Started: at, Took: time.Second, Err: err,
		Outcome: bridge.Outcome{Written: []bridge.Written{{Output: "o", Target: "queue results", Items: []bridge.Item{{Content: []byte("{}")}}}}},
	}
}

// A queue message is shown when it is called, and again after a restart.
func TestQueueMessages(t *testing.T) {
	const event = `{"specversion":"1.0","id":"e","source":"s","type":"conversation.media.requested.v1","data":{}}`
	for name, test := range map[string]struct {
		text    string
		err     error
		event   history.Event
		outcome history.Outcome
	}{
		"an event":       {event, nil, history.Event{ID: "e", Type: "conversation.media.requested.v1", What: "file"}, history.Delivered},
		"text":           {"hello\nyou", nil, history.Event{ID: "m", Type: "queue message", Text: "hello you"}, history.Delivered},
		"a failed call":  {"x", errors.New("it failed"), history.Event{ID: "m", Type: "queue message", Text: "x"}, history.Failed},
		"an empty text":  {"", nil, history.Event{ID: "m", Type: "queue message"}, history.Delivered},
		"a JSON array":   {"[1,2]", nil, history.Event{ID: "m", Type: "queue message", Text: "[1,2]"}, history.Delivered},
		"an empty array": {"[]", nil, history.Event{ID: "m", Type: "queue message", Text: "[]"}, history.Delivered},
	} {
		t.Run(name, func(t *testing.T) {
			r := queueResult(test.text, test.err)
			now, later := &history.Log{}, &history.Log{}
			now.Invoked(r)
			later.Restore(history.NewTranscript(r))
			for i, l := range []*history.Log{now, later} {
				all := deliveries(l, 0)
				if len(all) != 1 {
					t.Fatalf("%+v", all)
				}
				d := all[0]
				if d.Queue != "requests" || d.Attempt != 2 || d.Count != 1 || d.Outcome != test.outcome || len(d.Events) != 1 || d.Events[0] != test.event ||
					d.Earlier != (i == 1) || len(d.Invocations) != 1 || d.Invocations[0].Outputs[0] != (history.Output{Name: "o", Target: "queue results", Count: 1}) {
					t.Errorf("%+v", d)
				}
			}
		})
	}
}
