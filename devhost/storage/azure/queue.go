package azure

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/queueerror"

	"whatsapp-functions/devhost/storage"
)

// Enqueue implements [storage.Storage]. The client sends text as it is: base64
// is for us to write.
func (a *Account) Enqueue(ctx context.Context, queue string, message []byte) error {
	if err := storage.CheckMessage(queue, message, a.QueueText); err != nil {
		return err
	}
	text := string(message)
	if !a.QueueText {
		text = base64.StdEncoding.EncodeToString(message)
	}
	client := a.queues.NewQueueClient(queue)
	_, err := client.EnqueueMessage(ctx, text, nil)
	if isCode(err, string(queueerror.QueueNotFound)) {
		if _, err = client.Create(ctx, nil); err == nil || isCode(err, string(queueerror.QueueAlreadyExists)) {
			_, err = client.EnqueueMessage(ctx, text, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("queue %s: %s", queue, brief(err))
	}
	return nil
}

// Queues implements [storage.Storage].
func (a *Account) Queues(ctx context.Context) ([]string, error) {
	var names []string
	pages := a.queues.NewListQueuesPager(nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("queues: %s", brief(err))
		}
		for _, queue := range page.Queues {
			names = append(names, *queue.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// peekLimit is how many messages the service shows without handing them out.
const peekLimit = int32(32)

// Messages implements [storage.Storage], for the first 32 messages: the
// service shows no more.
func (a *Account) Messages(ctx context.Context, queue string) ([]storage.Message, error) {
	limit := peekLimit
	page, err := a.queues.NewQueueClient(queue).PeekMessages(ctx, &azqueue.PeekMessagesOptions{NumberOfMessages: &limit})
	if isCode(err, string(queueerror.QueueNotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("queue %s: %s", queue, brief(err))
	}
	var messages []storage.Message
	for _, m := range page.Messages {
		message := storage.Message{ID: *m.MessageID, Inserted: m.InsertionTime.UTC(), Body: []byte(*m.MessageText)}
		if !a.QueueText {
			if decoded, err := base64.StdEncoding.DecodeString(*m.MessageText); err == nil {
				message.Body = decoded
			}
		}
		messages = append(messages, message)
	}
	return messages, nil
}
