package main

import (
	"encoding/json/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/platform/platformtest"
)

// message is the one message in the queue, without its time: that is the
// event's own, and no row has it.
func message(t *testing.T, running *platform.Platform) map[string]any {
	t.Helper()
	messages, err := running.Storage().Messages(t.Context(), "inbound-messages")
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != 1 {
		t.Fatalf("%d messages", len(messages))
	}
	var m map[string]any
	if err := json.Unmarshal(messages[0].Body, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "time")
	return m
}

// rows are the rows of Messages as az storage entity query prints them.
func rows(t *testing.T, running *platform.Platform) []byte {
	t.Helper()
	found, err := running.Storage().Rows(t.Context(), "Messages")
	if err != nil {
		t.Fatal(err)
	}
	items := []map[string]any{}
	for _, r := range found {
		item := map[string]any{"PartitionKey": r.PartitionKey, "RowKey": r.RowKey}
		for _, c := range r.Columns {
			item[c.Name] = c.Value
		}
		items = append(items, item)
	}
	text, err := json.Marshal(map[string]any{"items": items, "nextMarker": map[string]any{}}, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A message that was lost on its way from the queue is made anew of its row:
// what consumers tell messages by is the same, and so are the rows.
func TestAMissedMessageIsRebuiltFromItsRow(t *testing.T) {
	running := platformtest.Start(t, platform.Embedded)
	for _, sample := range []string{"eg_received_text.json", "eg_received_bsuid_both.json", "eg_received_image.json", "eg_received_time_absent.json"} {
		t.Run(sample, func(t *testing.T) {
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(repository, "testdata/events", sample)
			if _, err := call(t, "", "-url", running.URL(), file); err != nil {
				t.Fatal(err)
			}
			wantMessage, wantRows := message(t, running), rows(t, running)
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}

			source, _ := wantMessage["source"].(string)
			if _, err := call(t, "", "-url", running.URL(), "-source", source, write(t, "rows.json", string(wantRows))); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantMessage, message(t, running)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(string(wantRows), string(rows(t, running))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the handler rejected is left as it is by an app that has not changed:
// the blob is written again.
func TestRejectedEventsComeBack(t *testing.T) {
	running := platformtest.Start(t, platform.Embedded)
	if _, err := call(t, "", "-url", running.URL(), write(t, "events.json", `{"function":"StatusTrigger","invocationId":"i","events":[{"reason":"missing-id","detail":"d","written":false,"event":{"eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","data":{"status":"Sent"}}}]}`)); err != nil {
		t.Fatal(err)
	}
	blobs, err := running.Storage().Blobs(t.Context(), "rejected-events")
	if err != nil || len(blobs) != 1 {
		t.Fatal(len(blobs), err)
	}
	var again rejected
	if err := json.Unmarshal(blobs[0].Content, &again); err != nil || again.Function != "StatusTrigger" || len(again.Events) != 1 || again.Events[0].Reason != "missing-id" {
		t.Errorf("%+v, %v", again, err)
	}
}
