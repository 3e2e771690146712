package history

import (
	"encoding/json/jsontext"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/whatsapp"
)

const restoredEvent = `[{"id":"e1","topic":"/t","subject":"s","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1","metadataVersion":"1",` +
	`"data":{"messageId":"m1","from":"14255550123","messageType":"text","content":"Is order 12345\n ready?"}}]`

// A new start shows what an earlier one did.
func TestRestore(t *testing.T) {
	var l Log
	l.Restore(Transcript{
		ID: "i1", Function: "AdvancedMessageTrigger", Started: time.Unix(1, 0), Took: 12, Events: jsontext.Value(restoredEvent), Status: 200,
		Outputs: []TranscriptOutput{
			{Name: "inboundMessages", Target: "queue inbound-messages", Items: []Item{{Text: storage.NewText([]byte(`{"data":{"eventId":"e1","optOut":true}}`))}}},
			{Name: "rejectedEvents", Target: "container rejected-events", Items: []Item{{Name: "x.json", Text: storage.NewText([]byte(`{"events":[{"reason":"oversize","event":{"id":"e1"}}]}`))}}},
		},
	})
	changes, _ := l.Since(0)
	if len(changes.Messages) != 1 || changes.Messages[0].Text != "Is order 12345\n ready?" || !changes.Messages[0].Event.Result.OptOut || changes.Messages[0].Event.State != Arrived {
		t.Errorf("messages: %+v", changes.Messages)
	}
	want := []Delivery{{
		Function: "AdvancedMessageTrigger", Earlier: true, Count: 1, Calls: 1, Outcome: Delivered, Started: time.Unix(1, 0), Ended: time.Unix(1, 12_000_000),
		Events: []Event{{ID: "e1", Type: whatsapp.TypeReceived, What: "text", Text: "Is order 12345 ready?", Who: whatsapp.Person{Phone: "14255550123"}, Message: "m1"}},
		Invocations: []Invocation{{ID: "i1", Started: time.Unix(1, 0), Answered: 12, Took: 12, Status: 200, Rejected: []string{"oversize"}, Outputs: []Output{
			{"inboundMessages", "queue inbound-messages", 1}, {"rejectedEvents", "container rejected-events", 1},
		}}},
	}}
	if diff := cmp.Diff(want, changes.Deliveries, cmpopts.IgnoreFields(Delivery{}, "ID"), cmpopts.IgnoreUnexported(Delivery{})); diff != "" {
		t.Error(diff)
	}
}

func TestHiddenTranscriptsAreNotShown(t *testing.T) {
	folder, err := OpenFolder(t.TempDir(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	for _, second := range []int64{1, 2, 3} {
		err := folder.Save(Transcript{ID: "abcdefgh", Function: "F", Started: time.Unix(second, 0).UTC(), Events: jsontext.Value(`[]`)})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := len(folder.Shown(2)); got != 2 {
		t.Errorf("%d are shown", got)
	}
	if err := folder.Hide(time.Unix(2, 0)); err != nil {
		t.Fatal(err)
	}
	if got := folder.Shown(9); len(got) != 1 || got[0].Started.Unix() != 3 || len(folder.Last(9)) != 3 {
		t.Errorf("shown: %+v", got)
	}
}
