package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// mediaRequests binds the output mediaRequests of the functions that have it.
func mediaRequests() []testkit.Edit {
	return []testkit.Edit{boundQueue(receiver, "mediaRequests", "media-requests"), boundQueue(webhook, "mediaRequests", "media-requests")}
}

// mediaFolder has the outcome of each sample with a file, at an app that binds
// mediaRequests. Goldens of apps that do not are in testdata/golden.
const mediaFolder = "testdata/media"

// An app that binds mediaRequests writes what it wrote before, a request for each
// file, and the name of the file's blob. Nothing else is different.
func TestMediaRequests(t *testing.T) {
	compiled := schemas(t)
	without, with := serve(t, withEveryOutput(t)), serve(t, withEveryOutput(t, mediaRequests()...))
	goldens := map[string]bool{}
	for function, names := range map[string][]string{receiver: samples(t), statuses: samples(t), webhook: webhooks(t, "")} {
		for _, name := range names {
			t.Run(function+"/"+name, func(t *testing.T) {
				got := with.outcome(t, function, name)
				checkMedia(t, without.outcome(t, function, name), got)
				if len(got.MediaRequests) == 0 {
					return
				}
				for _, request := range got.MediaRequests {
					if err := validate(compiled[schemaMediaRequested], string(request)); err != nil {
						t.Error(err)
					}
				}
				file := filepath.Join(mediaFolder, function, name+".json")
				goldens[file] = true
				if *update {
					write(t, file, got.json(t))
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.json(t), "\n")); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	files, err := filepath.Glob(filepath.Join(mediaFolder, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(goldens)), slices.Sorted(slices.Values(files))); diff != "" {
		t.Errorf("samples with a file (-), %s (+):\n%s", mediaFolder, diff)
	}
}

// checkMedia checks the outcome of an app that binds mediaRequests against that of
// one that does not.
func checkMedia(t *testing.T, without, with outcome) {
	t.Helper()
	blobs := map[string]string{} // by message id, as the requests name them
	for _, text := range with.MediaRequests {
		request := object(t, text)
		data := request["data"].(map[string]any)
		if request["id"] != request["subject"].(string)+":media" {
			t.Errorf("the id of a request is %s", request["id"])
		}
		blobs[request["subject"].(string)] = data["blob"].(string)
	}
	requested := map[string]bool{}
	// removeBlob removes the name of the blob, and checks it.
	removeBlob := func(object map[string]any, field, message string) {
		blob, _ := object[field].(string)
		if blob != blobs[message] {
			t.Errorf("%s: the blob is %q, requested is %q", message, blob, blobs[message])
		}
		if blob != "" {
			requested[message] = true
		}
		delete(object, field)
	}
	for output, diff := range map[string]string{
		"inboundMessages": cmp.Diff(normal(t, without.InboundMessages, nil), normal(t, with.InboundMessages, func(message map[string]any) {
			media, _ := message["data"].(map[string]any)["media"].(map[string]any)
			removeBlob(media, "blob", message["subject"].(string))
		})),
		"messages": cmp.Diff(normal(t, without.Messages, nil), normal(t, with.Messages, func(row map[string]any) {
			id, _ := row["MessageId"].(string)
			if id == "" {
				id = row["EventId"].(string)
			}
			removeBlob(row, "MediaBlob", id)
		})),
	} {
		if diff != "" {
			t.Errorf("%s without mediaRequests (-), with it (+):\n%s", output, diff)
		}
	}
	if len(requested) != len(blobs) {
		t.Errorf("%d requests, %d messages with a blob", len(blobs), len(requested))
	}
	without.InboundMessages, without.Messages, without.MediaRequests = with.InboundMessages, with.Messages, with.MediaRequests
	if diff := cmp.Diff(without.json(t), with.json(t)); diff != "" {
		t.Errorf("other outputs without mediaRequests (-), with it (+):\n%s", diff)
	}
}

// normal returns outputs in one form, after a change.
func normal(t *testing.T, texts []jsontext.Value, change func(output map[string]any)) (all []string) {
	t.Helper()
	for _, text := range texts {
		output := object(t, text)
		if change != nil {
			change(output)
		}
		encoded, err := json.Marshal(output, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(encoded))
	}
	return all
}

func object(t *testing.T, text jsontext.Value) (value map[string]any) {
	t.Helper()
	if err := json.Unmarshal(text, &value, jsontext.AllowDuplicateNames(true)); err != nil {
		t.Fatal(err)
	}
	return value
}

// A message whose file the provider could not deliver has no media id: it requests
// nothing.
func TestNoRequestWithoutMediaID(t *testing.T) {
	server := serve(t, withEveryOutput(t, mediaRequests()...))
	for name, content := range map[string]string{
		"an error instead of the file": `"messageType":"image","error":{"channelCode":"131052","channelMessage":"Media download error"}`,
		"a media without an id":        `"messageType":"image","media":{"mimeType":"image/jpeg","caption":"c"}`,
		"an id that is null":           `"messageType":"image","media":{"id":null,"mimeType":"image/jpeg"}`,
		"no media":                     `"messageType":"text","content":"Hello"`,
	} {
		event := `{"id":"e","topic":"/t","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"messageId":"m","from":"1","to":"c",` + content + `}}`
		a := invoke(t, server.eventGrid, receiver, event)
		if len(a.Outputs.MediaRequests) != 0 || len(a.Outputs.InboundMessages) != 1 || strings.Contains(a.Outputs.InboundMessages[0], `"blob"`) {
			t.Errorf("%s: %+v", name, a.Outputs)
		}
	}
}

// A request is smaller than the smallest form of the message, so wherever the message
// is written, so is the request. An event whose row can't be written requests nothing.
func TestLargestRequest(t *testing.T) {
	server := serve(t, withEveryOutput(t, mediaRequests()...))
	written, rejected := 0, 0
	for _, letter := range []string{"x", "é", "😀", `\u0001`, `\"`} {
		for length := 1_000; length <= 50_000; length += 1_000 {
			long := strings.Repeat(letter, length)
			event := `{"id":"e","topic":"/t","eventType":"Microsoft.Communication.AdvancedMessageReceived","data":{"messageId":"m","from":"1","to":"c","media":{"id":"1","mimeType":"image/jpeg","fileName":"` + long + `","caption":"` + long + `"}}}`
			a := invoke(t, server.eventGrid, receiver, event)
			if len(a.Outputs.MediaRequests) != len(a.Outputs.InboundMessages) || len(a.Outputs.MediaRequests) != len(a.Outputs.Messages) {
				t.Errorf("%d of %q: %d requests, %d messages, %d rows", length, letter, len(a.Outputs.MediaRequests), len(a.Outputs.InboundMessages), len(a.Outputs.Messages))
			}
			for _, request := range a.Outputs.MediaRequests {
				written++
				if len(request) > 48<<10 {
					t.Errorf("a request of %d bytes", len(request))
				}
			}
			rejected += 1 - len(a.Outputs.MediaRequests)
		}
	}
	if written < 20 || rejected < 20 {
		t.Errorf("%d requests written, %d events rejected", written, rejected)
	}
}
