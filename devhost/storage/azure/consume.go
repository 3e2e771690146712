package azure

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"

	"whatsapp-functions/devhost/storage"
)

// Receive implements [storage.Consumer].
func (a *Account) Receive(ctx context.Context, queue string, limit int, hidden time.Duration) ([]storage.Message, error) {
	number, seconds := int32(min(limit, storage.MaxReceive)), int32(hidden/time.Second)
	page, err := a.queues.NewQueueClient(queue).DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: &number, VisibilityTimeout: &seconds})
	if isCode(err, string(queueerror.QueueNotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("queue %s: %w", queue, brief(err))
	}
	messages := make([]storage.Message, len(page.Messages))
	for i, m := range page.Messages {
		messages[i] = storage.NewMessage(*m.MessageText, a.QueueText)
		messages[i].ID, messages[i].Receipt, messages[i].DequeueCount = *m.MessageID, *m.PopReceipt, int(*m.DequeueCount)
		messages[i].Inserted, messages[i].Expires, messages[i].NextVisible = m.InsertionTime.UTC(), m.ExpirationTime.UTC(), m.TimeNextVisible.UTC()
	}
	return messages, nil
}

// UpdateMessage implements [storage.Consumer]. The client can't leave the text
// out, so it sends the same again.
func (a *Account) UpdateMessage(ctx context.Context, queue string, message storage.Message, hidden time.Duration) (storage.Message, error) {
	seconds := int32(hidden / time.Second)
	updated, err := a.queues.NewQueueClient(queue).UpdateMessage(ctx, message.ID, message.Receipt, message.Stored(a.QueueText), &azqueue.UpdateMessageOptions{VisibilityTimeout: &seconds})
	if err != nil {
		return message, lost(queue, err)
	}
	message.Receipt, message.NextVisible = *updated.PopReceipt, updated.TimeNextVisible.UTC()
	return message, nil
}

// DeleteMessage implements [storage.Consumer].
func (a *Account) DeleteMessage(ctx context.Context, queue string, message storage.Message) error {
	_, err := a.queues.NewQueueClient(queue).DeleteMessage(ctx, message.ID, message.Receipt, nil)
	return lost(queue, err)
}

// lost returns the error of a call for one message.
func lost(queue string, err error) error {
	switch {
	case err == nil:
		return nil
	case isCode(err, string(queueerror.PopReceiptMismatch)):
		err = storage.ErrReceipt
	case isCode(err, string(queueerror.MessageNotFound), string(queueerror.QueueNotFound)):
		err = storage.ErrMessageNotFound
	default:
		err = brief(err)
	}
	return fmt.Errorf("queue %s: %w", queue, err)
}

// CopyMessage implements [storage.Consumer].
func (a *Account) CopyMessage(ctx context.Context, queue string, message storage.Message) error {
	return a.enqueue(ctx, queue, message.Stored(a.QueueText))
}

// briefly hides the messages that RemoveMessage receives.
const briefly = 5 * time.Second

// RemoveMessage implements [storage.Storage].
func (a *Account) RemoveMessage(ctx context.Context, queue, id string) error {
	if !a.local {
		return storage.ErrNotLocal
	}
	hasID := func(m storage.Message) bool { return m.ID == id }
	shown, err := a.Messages(ctx, queue)
	at := slices.IndexFunc(shown, hasID)
	if err != nil || at < 0 {
		return notFound(queue, id, err)
	}
	received, err := a.Receive(ctx, queue, at+1, briefly)
	found := slices.IndexFunc(received, hasID)
	for i, m := range received {
		if i == found {
			err = a.DeleteMessage(ctx, queue, m)
			continue
		}
		_, _ = a.UpdateMessage(ctx, queue, m, 0) // otherwise it is visible again soon
	}
	if found < 0 {
		return notFound(queue, id, err)
	}
	return err
}

func notFound(queue, id string, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("queue %s: message %s: %w", queue, id, storage.ErrMessageNotFound)
}
