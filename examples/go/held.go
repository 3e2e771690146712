package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/queueerror"
)

// held is a received message. It stays invisible to other consumers until
// delete, showAfter or release is called.
type held struct {
	// ctx is cancelled if another consumer has received the message.
	ctx   context.Context
	queue *azqueue.QueueClient
	item  *azqueue.DequeuedMessage
	// receipt is the latest pop receipt. It is the renewal's until stopped is
	// closed.
	receipt string
	stop    context.CancelFunc
	stopped chan struct{}
}

// hold renews the visibility of a message three times in each period.
func (c *consumer) hold(ctx context.Context, item *azqueue.DequeuedMessage) *held {
	held := &held{queue: c.queue, item: item, receipt: *item.PopReceipt, stopped: make(chan struct{})}
	var lose context.CancelFunc
	held.ctx, lose = context.WithCancel(context.WithoutCancel(ctx)) // a shutdown waits for the work
	renewal, stop := context.WithCancel(held.ctx)
	held.stop = stop
	go func() {
		defer close(held.stopped)
		for sleep(renewal, c.visibility/3) {
			err := held.update(held.ctx, c.visibility)
			if isLost(err) {
				lose()
			} else if err != nil {
				fmt.Fprintf(os.Stderr, "storage, renewing again: %v\n", err)
			}
		}
	}()
	return held
}

// update sets for how long the message is invisible from now on.
func (h *held) update(ctx context.Context, visibility time.Duration) error {
	answer, err := h.queue.UpdateMessage(ctx, *h.item.MessageID, h.receipt, *h.item.MessageText,
		&azqueue.UpdateMessageOptions{VisibilityTimeout: seconds(visibility)})
	if err == nil {
		h.receipt = *answer.PopReceipt
	}
	return err
}

// release ends the renewal.
func (h *held) release() {
	h.stop()
	<-h.stopped
}

// delete deletes the message.
func (h *held) delete(ctx context.Context) error {
	return h.finish(ctx, func(ctx context.Context) error {
		_, err := h.queue.DeleteMessage(ctx, *h.item.MessageID, h.receipt, nil)
		return err
	})
}

// showAfter makes the message visible again after a pause.
func (h *held) showAfter(ctx context.Context, pause time.Duration) error {
	return h.finish(ctx, func(ctx context.Context) error { return h.update(ctx, pause) })
}

// finish does the last operation on the message. If another consumer has
// received it, there is nothing left to do.
func (h *held) finish(ctx context.Context, operation func(context.Context) error) error {
	h.release()
	return persist(ctx, func(ctx context.Context) error {
		err := operation(ctx)
		if h.ctx.Err() != nil || isLost(err) {
			report(h.item, "another consumer has it")
			return nil
		}
		return err
	})
}

// isLost reports whether a receipt is no longer valid, or the message is
// deleted.
func isLost(err error) bool {
	return queueerror.HasCode(err, queueerror.MessageNotFound, queueerror.PopReceiptMismatch)
}

// seconds rounds up, as the queue service takes integers.
func seconds(duration time.Duration) *int32 {
	return new(int32(math.Ceil(duration.Seconds())))
}
