package prove_test

import (
	"encoding/json/v2"
	"fmt"
	"slices"

	"whatsapp-functions/internal/testkit"
)

// requestQueue is the queue of the requests for the files of messages.
const requestQueue = "media-requests"

// mediaRequests binds the output mediaRequests of the functions that have it.
func mediaRequests() []testkit.Edit {
	const binding = `{"type":"queue","direction":"out","name":"mediaRequests","queueName":"` + requestQueue + `","connection":"ConversationStorage"}`
	return []testkit.Edit{testkit.WithBinding(receiver, binding), testkit.WithBinding(webhooks, binding)}
}

// files are the blobs that messages name, and those that requests name, each after
// the source and the id of its message.
type files struct{ named, requested []string }

// add adds what a queue message names.
func (f *files) add(queue, text string) error {
	var event struct {
		Source  string `json:"source"`
		Subject string `json:"subject"`
		Data    struct {
			Media struct {
				Blob string `json:"blob"`
			} `json:"media"`
			Blob string `json:"blob"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		return err
	}
	message := event.Source + " " + event.Subject + " "
	switch {
	case queue == requestQueue:
		f.requested = append(f.requested, message+event.Data.Blob)
	case event.Data.Media.Blob != "":
		f.named = append(f.named, message+event.Data.Media.Blob)
	}
	return nil
}

// check checks that each message with a file has exactly its request.
func (f *files) check() error {
	named, requested := slices.Sorted(slices.Values(f.named)), slices.Sorted(slices.Values(f.requested))
	if !slices.Equal(slices.Compact(named), slices.Compact(requested)) {
		return fmt.Errorf("messages name the blobs %q, and requested are %q", named, requested)
	}
	return nil
}
