package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// emulator is an account in Azurite.
type emulator struct {
	account
	t          *testing.T
	connection string
}

func startEmulator(t *testing.T) emulator {
	t.Helper()
	connection := azuritetest.Start(t, azurite.Options{}).Connection
	a, err := openConnection(connection)
	testkit.Must(t, err)
	return emulator{a, t, connection}
}

// clear deletes everything and creates what the app has, and more.
func (e emulator) clear() {
	e.t.Helper()
	account, err := azure.Open(e.t.Context(), e.connection)
	testkit.Must(e.t, err)
	testkit.Must(e.t, account.Clear(e.t.Context()))
	for _, table := range []string{messages, statuses, "Other"} {
		_, err := e.tables.CreateTable(e.t.Context(), table, nil)
		testkit.Must(e.t, err)
	}
	for _, queue := range []string{"inbound-messages", "inbound-messages-poison", "failed-messages", "contact-preferences", "status-updates", "channel-events", "media-requests", "media-results", "media-requests-poison", "mine", "azure-webjobs-host"} {
		_, err := e.queues.CreateQueue(e.t.Context(), queue, nil)
		testkit.Must(e.t, err)
	}
	for _, container := range []string{"rejected-events", "dead-letters", "media", "backup"} {
		if _, err := e.blobs.CreateContainer(e.t.Context(), container, nil); !isCode(err, "ContainerAlreadyExists") {
			testkit.Must(e.t, err)
		}
	}
}

// call runs person in this process, and fails the test if the exit code is another.
func (e emulator) call(exit int, args ...string) (stdout, stderr string) {
	e.t.Helper()
	getenv := func(name string) string {
		if name == envConnection {
			return e.connection
		}
		return ""
	}
	var out, errs bytes.Buffer
	if got := run(e.t.Context(), args, getenv, &out, &errs); got != exit {
		e.t.Fatalf("exit code %d, want %d:\n%s%s", got, exit, &out, &errs)
	}
	return out.String(), errs.String()
}

func (e emulator) row(table, partitionKey, rowKey string, columns map[string]any) {
	e.t.Helper()
	entity := maps.Clone(columns)
	entity["PartitionKey"], entity["RowKey"] = partitionKey, rowKey
	text, err := json.Marshal(entity)
	testkit.Must(e.t, err)
	_, err = e.tables.NewClient(table).UpsertEntity(e.t.Context(), text, nil)
	testkit.Must(e.t, err)
}

func (e emulator) message(queue, text string) {
	e.t.Helper()
	e.rawMessage(queue, base64.StdEncoding.EncodeToString([]byte(text)))
}

func (e emulator) rawMessage(queue, text string) {
	e.t.Helper()
	_, err := e.queues.NewQueueClient(queue).EnqueueMessage(e.t.Context(), text, nil)
	testkit.Must(e.t, err)
}

func (e emulator) blob(container, name, text string) {
	e.t.Helper()
	client := e.blobs.ServiceClient().NewContainerClient(container).NewBlockBlobClient(name)
	_, err := client.Upload(e.t.Context(), streaming.NopCloser(strings.NewReader(text)), &blockblob.UploadOptions{
		HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("application/json")}, Metadata: map[string]*string{"origin": to.Ptr("test")},
	})
	testkit.Must(e.t, err)
}

// contents returns all that the account holds, each item under its place and name.
// Of a message everything but the dequeue count is there, of a blob its content and
// properties that a reader sees.
func (e emulator) contents() map[string]string {
	e.t.Helper()
	all := map[string]string{}
	tables := e.tables.NewListTablesPager(nil)
	for tables.More() {
		page, err := tables.NextPage(e.t.Context())
		testkit.Must(e.t, err)
		for _, table := range page.Tables {
			rows := e.tables.NewClient(*table.Name).NewListEntitiesPager(&aztables.ListEntitiesOptions{Format: to.Ptr(aztables.MetadataFormatFull)})
			for rows.More() {
				page, err := rows.NextPage(e.t.Context())
				testkit.Must(e.t, err)
				for _, entity := range page.Entities {
					var r row
					testkit.Must(e.t, json.Unmarshal(entity, &r))
					all["table "+*table.Name+" "+r.PartitionKey+" "+r.RowKey] = string(entity)
				}
			}
		}
	}
	queues := e.queues.NewListQueuesPager(nil)
	for queues.More() {
		page, err := queues.NextPage(e.t.Context())
		testkit.Must(e.t, err)
		for _, queue := range page.Queues {
			maps.Copy(all, e.queue(*queue.Name))
		}
	}
	containers := e.blobs.NewListContainersPager(nil)
	for containers.More() {
		page, err := containers.NextPage(e.t.Context())
		testkit.Must(e.t, err)
		for _, container := range page.ContainerItems {
			blobs := e.blobs.NewListBlobsFlatPager(*container.Name, nil)
			for blobs.More() {
				page, err := blobs.NextPage(e.t.Context())
				testkit.Must(e.t, err)
				for _, item := range page.Segment.BlobItems {
					response, err := e.blobs.DownloadStream(e.t.Context(), *container.Name, *item.Name, nil)
					testkit.Must(e.t, err)
					text, err := io.ReadAll(response.Body)
					testkit.Must(e.t, err)
					all["container "+*container.Name+" "+*item.Name] = fmt.Sprintf("%s %d %s", *response.ContentType, len(response.Metadata), text)
				}
			}
		}
	}
	return all
}

// queue returns the messages of a queue. It receives them, because peeking shows only
// 32, and gives them back.
func (e emulator) queue(name string) map[string]string {
	e.t.Helper()
	all := map[string]string{}
	client := e.queues.NewQueueClient(name)
	var received []*azqueue.DequeuedMessage
	for {
		page, err := client.DequeueMessages(e.t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(batch), VisibilityTimeout: to.Ptr(int32(120))})
		testkit.Must(e.t, err)
		if len(page.Messages) == 0 {
			break
		}
		received = append(received, page.Messages...)
	}
	for _, m := range received {
		all["queue "+name+" "+*m.MessageID] = fmt.Sprintf("%s %s %s", *m.MessageText, m.InsertionTime, m.ExpirationTime)
		_, err := client.UpdateMessage(e.t.Context(), *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(0))})
		testkit.Must(e.t, err)
	}
	return all
}
