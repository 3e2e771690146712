package docs

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// TestSamples checks that JSON blocks are valid, and that the CloudEvents among
// them are queue messages of the goldens, or examples in schema/testdata.
func TestSamples(t *testing.T) {
	goldens := goldenMessages(t)
	events := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks() {
			if b.info != "json" {
				continue
			}
			var sample any
			if err := json.Unmarshal([]byte(b.text), &sample); err != nil {
				t.Errorf("%s:%d: %v", p.name, b.line, err)
			}
			event, isObject := sample.(map[string]any)
			if !isObject || event["specversion"] == nil {
				continue
			}
			events++
			if !slices.ContainsFunc(goldens, func(golden any) bool { return reflect.DeepEqual(golden, sample) }) {
				t.Errorf("%s:%d: no golden has message %s", p.name, b.line, event["id"])
			}
		}
	}
	if events == 0 {
		t.Error("no page has a sample of a queue message")
	}
}

// goldenMessages returns the queue messages of the goldens and of the examples.
func goldenMessages(t *testing.T) (messages []any) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "handler/testdata/golden/*/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var golden struct {
			Messages      []any `json:"inboundMessages"`
			Preferences   []any `json:"preferences"`
			ChannelEvents []any `json:"channelEvents"`
		}
		if err := json.Unmarshal([]byte(read(t, file)), &golden, jsontext.AllowDuplicateNames(true)); err != nil {
			t.Fatal(err)
		}
		messages = slices.Concat(messages, golden.Messages, golden.Preferences, golden.ChannelEvents)
	}
	examples, err := filepath.Glob(filepath.Join(repository, "schema/testdata/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range examples {
		var all []any
		if err := json.Unmarshal([]byte(read(t, file)), &all); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, all...)
	}
	return messages
}
