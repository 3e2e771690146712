package prove_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json/v2"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/internal/testkit"
)

// account counts what became of the accepted events.
type account struct {
	events, lost, duplicateRows, repeatedMessages, kept int
}

// account looks up every event: in its row and its queue message, or in a blob
// of rejected events or dead letters. A lost event fails the test.
func (s *stack) account() (a account) {
	s.t.Helper()
	store, err := azure.Open(s.t.Context(), s.direct)
	testkit.Must(s.t, err)
	rows, partitions, blobs := map[string]int{}, map[string]int{}, new(bytes.Buffer)
	contents, err := storage.ReadContents(s.t.Context(), store)
	testkit.Must(s.t, err)
	for _, table := range contents.Tables {
		for _, row := range table.Rows {
			id, ok := row.Column("MessageId").(string)
			if !ok {
				id = strings.ReplaceAll(row.PartitionKey, "~2f", "/")
			}
			rows[id]++
			if key := id + "\t" + row.PartitionKey; partitions[key] > 0 {
				a.duplicateRows++
			} else {
				partitions[key]++
			}
		}
	}
	for _, container := range contents.Containers {
		for _, blob := range container.Blobs {
			blobs.Write(blob.Content)
		}
	}
	queued, requested, conversations := s.drain()
	kept := blobs.String()
	inAll := func(id string) bool {
		return !slices.ContainsFunc(conversations[id], func(key string) bool { return partitions[id+"\t"+key] == 0 })
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(s.accepted))) {
		a.events++
		switch {
		case rows[id] > 0 && queued[id] > 0 && inAll(id) && slices.Contains(s.images, id) == (requested[id] > 0):
		case strings.Contains(kept, id):
			a.kept++
		default:
			a.lost++
			s.t.Errorf("%s is lost: %d rows, %d queue messages, %d requests for its file", id, rows[id], queued[id], requested[id])
		}
		a.repeatedMessages += max(0, queued[id]-1)
	}
	for _, id := range s.refused {
		if rows[id]+queued[id]+requested[id] > 0 {
			s.t.Errorf("%s was refused and is written", id)
		}
	}
	if a.duplicateRows > 0 {
		s.t.Errorf("%d duplicate rows", a.duplicateRows)
	}
	return a
}

// drain takes all messages out of the queues, as a consumer does. It counts them, and
// the requests for files, by message id, and returns the conversations that must have
// a row of the message.
func (s *stack) drain() (counts, requests map[string]int, conversations map[string][]string) {
	s.t.Helper()
	service, err := azqueue.NewServiceClientFromConnectionString(s.direct, nil)
	testkit.Must(s.t, err)
	counts, requests, conversations = map[string]int{}, map[string]int{}, map[string][]string{}
	for _, queue := range []string{"inbound-messages", "failed-messages", requestQueue} {
		client, limit := service.NewQueueClient(queue), int32(32)
		for {
			page, err := client.DequeueMessages(s.t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: &limit})
			if err != nil && strings.Contains(err.Error(), "QueueNotFound") {
				break
			}
			testkit.Must(s.t, err)
			if len(page.Messages) == 0 {
				break
			}
			for _, m := range page.Messages {
				text, err := base64.StdEncoding.DecodeString(*m.MessageText)
				testkit.Must(s.t, err)
				var event struct {
					Data struct {
						MessageID     string   `json:"messageId"`
						Conversations []string `json:"conversations"`
					} `json:"data"`
				}
				testkit.Must(s.t, json.Unmarshal(text, &event))
				switch queue {
				case requestQueue:
					requests[event.Data.MessageID]++
					continue
				case "inbound-messages":
					conversations[event.Data.MessageID] = event.Data.Conversations
				}
				counts[event.Data.MessageID]++
			}
		}
	}
	return counts, requests, conversations
}
