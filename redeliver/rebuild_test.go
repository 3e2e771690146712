package main

import (
	"encoding/json/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit/platformtest"
)

// message returns the one message in the queue, without its time: that is the
// event's own time, which no row has.
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

// rows returns the rows of Messages as az storage entity query prints them.
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

// metaEvent is a message in a webhook of Meta's Cloud API.
const metaEvent = `{"specversion":"1.0","type":"Meta.WhatsApp.MessageReceived","source":"urn:meta:whatsapp:1","id":"wamid.A/B=","time":"2026-11-20T09:15:03Z",` +
	`"data":{"metadata":{"phone_number_id":"2"},"contact":{"user_id":"US.13491208655302741918"},` +
	`"message":{"id":"wamid.A/B=","from":"14255550123","timestamp":"1795166103","type":"text","text":{"body":"Hi"}}}}`

// A message that was lost after the queue is rebuilt from its row, with the same
// source, id and data, and the rows stay equal.
func TestAMissedMessageIsRebuiltFromItsRow(t *testing.T) {
	running := platformtest.Start(t, platform.Embedded)
	files := map[string]string{"meta": write(t, "meta.json", metaEvent)}
	for _, sample := range []string{"eg_received_text", "eg_received_bsuid_both", "eg_received_image", "eg_received_time_absent"} {
		files[sample] = filepath.Join(repository, "testdata/events", sample+".json")
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			call(t, 0, "--url", running.URL(), file)
			wantMessage, wantRows := message(t, running), rows(t, running)
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}

			source, _ := wantMessage["source"].(string)
			call(t, 0, "--url", running.URL(), "--source", source, write(t, "rows.json", string(wantRows)))
			if diff := cmp.Diff(wantMessage, message(t, running)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(string(wantRows), string(rows(t, running))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
