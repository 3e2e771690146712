package examples

import (
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

const (
	firstAccount = "devstoreaccount1"
	accountKey   = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	accounts     = 40
)

// Each test has an account of its own in one Azurite, so that they can run in
// parallel.
func TestMain(m *testing.M) {
	all := firstAccount + ":" + accountKey
	for i := range accounts {
		all += fmt.Sprintf(";account%d:%s", i, accountKey)
	}
	if err := os.Setenv("AZURITE_ACCOUNTS", all); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// server is an Azurite with many accounts.
type server struct {
	connection string
	used       atomic.Int64
}

func startServer(t *testing.T) *server {
	t.Helper()
	return &server{connection: azuritetest.Start(t, azurite.Options{}).Connection}
}

// account is a storage account with the queue inbound-messages.
type account struct {
	connection       string
	messages, poison *azqueue.QueueClient
}

func (s *server) account(t *testing.T) *account {
	t.Helper()
	n := s.used.Add(1) - 1
	if n >= accounts {
		t.Fatal("too few accounts")
	}
	a := &account{connection: strings.ReplaceAll(s.connection, firstAccount, fmt.Sprintf("account%d", n))}
	client := func(name string) *azqueue.QueueClient {
		queue, err := azqueue.NewQueueClientFromConnectionString(a.connection, name, nil)
		if err == nil {
			_, err = queue.Create(t.Context(), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return queue
	}
	a.messages, a.poison = client("inbound-messages"), client("inbound-messages-poison")
	return a
}

// event returns a queue message with that id and text.
func event(id, text string) string {
	content, err := json.Marshal(map[string]any{
		"specversion": "1.0", "type": "conversation.message.received.v1", "id": id, "source": "/s", "subject": id, "datacontenttype": "application/json",
		"data": map[string]any{"messageId": id, "kind": "text", "conversations": []string{"c|1"}, "text": text},
	}, json.Deterministic(true))
	if err != nil {
		panic(err)
	}
	return encode(string(content))
}

// encode encodes a text as the Functions host does.
func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func (a *account) send(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := a.messages.EnqueueMessage(t.Context(), text, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// length counts all messages of a queue, also invisible ones.
func length(t *testing.T, queue *azqueue.QueueClient) int {
	t.Helper()
	properties, err := queue.GetProperties(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return int(*properties.ApproximateMessagesCount)
}

// waitUntilEmpty waits until all messages are deleted.
func (a *account) waitUntilEmpty(t *testing.T) {
	t.Helper()
	testkit.WaitUntil(t, "inbound-messages is empty", func() bool { return length(t, a.messages) == 0 })
}

// setAside returns the texts in the poison queue.
func (a *account) setAside(t *testing.T) (texts []string) {
	t.Helper()
	for {
		batch, err := a.poison.DequeueMessages(t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: new(int32(32)), VisibilityTimeout: new(int32(600))})
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Messages) == 0 {
			slices.Sort(texts)
			return texts
		}
		for _, m := range batch.Messages {
			texts = append(texts, *m.MessageText)
		}
	}
}

// fail receives the one message of the queue several times, and does nothing
// with it.
func (a *account) fail(t *testing.T, times int) {
	t.Helper()
	for range times {
		batch, err := a.messages.DequeueMessage(t.Context(), nil)
		if err != nil || len(batch.Messages) != 1 {
			t.Fatal(len(batch.Messages), err)
		}
		m := batch.Messages[0]
		if _, err := a.messages.UpdateMessage(t.Context(), *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: new(int32)}); err != nil {
			t.Fatal(err)
		}
	}
}
