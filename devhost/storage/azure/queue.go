package azure

import (
	"context"
	"fmt"
	"math"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"

	"whatsapp-functions/devhost/storage"
)

// Enqueue implements [storage.Writer]. The client does not write base64.
func (a *Account) Enqueue(ctx context.Context, queue string, message []byte) error {
	if err := storage.CheckMessage(queue, message, a.QueueText); err != nil {
		return err
	}
	return a.enqueue(ctx, queue, storage.Message{Body: message}.Stored(a.QueueText))
}

func (a *Account) enqueue(ctx context.Context, queue, text string) error {
	client := a.queues.NewQueueClient(queue)
	return create("queue "+queue, string(queueerror.QueueNotFound), string(queueerror.QueueAlreadyExists), func() error {
		_, err := client.EnqueueMessage(ctx, text, nil)
		return err
	}, func() error {
		_, err := client.Create(ctx, nil)
		return err
	})
}

func (a *Account) countMessages(ctx context.Context, queue string) (int, error) {
	properties, err := a.queues.NewQueueClient(queue).GetProperties(ctx, nil)
	if isCode(err, string(queueerror.QueueNotFound)) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue %s: %w", queue, brief(err))
	}
	if properties.ApproximateMessagesCount == nil {
		return 0, nil
	}
	return int(*properties.ApproximateMessagesCount), nil
}

const (
	// all is a limit that is never reached.
	all = math.MaxInt
	// peekLimit is the most messages that the service shows without handing
	// them out.
	peekLimit = int32(32)
)

// Messages implements [storage.Reader] for the first 32 messages: the service
// shows no more.
func (a *Account) Messages(ctx context.Context, queue string) ([]storage.Message, error) {
	part, err := a.PeekMessages(ctx, queue, all)
	return part.Items, err
}

// PeekMessages implements [storage.Peeker].
func (a *Account) PeekMessages(ctx context.Context, queue string, limit int) (part storage.Part[storage.Message], err error) {
	number := peekLimit
	page, err := a.queues.NewQueueClient(queue).PeekMessages(ctx, &azqueue.PeekMessagesOptions{NumberOfMessages: &number})
	if isCode(err, string(queueerror.QueueNotFound)) {
		return part, nil
	}
	if err != nil {
		return part, fmt.Errorf("queue %s: %w", queue, brief(err))
	}
	for _, m := range page.Messages[:min(limit, len(page.Messages))] {
		message := storage.NewMessage(*m.MessageText, a.QueueText)
		message.ID, message.DequeueCount = *m.MessageID, int(*m.DequeueCount)
		message.Inserted, message.Expires = m.InsertionTime.UTC(), m.ExpirationTime.UTC()
		part.Items = append(part.Items, message)
	}
	part.More = len(page.Messages) > limit || len(page.Messages) == int(peekLimit)
	return part, nil
}
