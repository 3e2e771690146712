package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// mostAttempts is how often a message is handled before it goes to the poison
// queue.
const mostAttempts = 5

// consumer handles the messages of a queue.
type consumer struct {
	queue, poison *azqueue.QueueClient
	marks         marks
	eventTypes    []string
	visibility    time.Duration
	handle        func(context.Context, event) error
}

// consume handles messages until ctx is cancelled, one at a time. Run several
// processes for more throughput. In a batch, a message that kills the process
// would use up the attempts of the others.
//
// What is guaranteed, with any number of processes:
//
//   - Each message is handled at least once, or is in the poison queue after
//     five attempts. Only errors of handle, and crashes, count as attempts. A
//     message that cannot be read goes to the poison queue at once.
//   - A message that was handled is not handled again, also if Event Grid
//     delivers it again. There are two exceptions: the process stops after
//     handle has begun and before the mark is written, or it stalls for longer
//     than the visibility timeout, so that another consumer takes over.
//   - So if handle stores its result under the event's key, in one step, the
//     result exists once.
//
// The order of the steps makes this true: claim, handle, mark as done, delete.
// After a crash between two of them the queue shows the message again, and the
// mark tells what is left to do.
func consume(ctx context.Context, s storage, queue string, handle func(context.Context, event) error, eventTypes ...string) error {
	visible, err := visibility()
	if err != nil {
		return err
	}
	c := consumer{
		queue:      s.queues.NewQueueClient(queue),
		poison:     s.queues.NewQueueClient(queue + "-poison"),
		marks:      marks{s.tables.NewClient("Consumed")},
		eventTypes: eventTypes,
		visibility: visible,
		handle:     handle,
	}
	for _, create := range []func() error{
		func() error { return createQueue(ctx, c.queue) },
		func() error { return createQueue(ctx, c.poison) },
		func() error { return createTable(ctx, c.marks.table) },
	} {
		if err := create(); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		item, err := c.receive(ctx)
		if err != nil {
			return err
		}
		if item == nil {
			sleep(ctx, time.Second)
		} else if err := c.take(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// receive returns the next message, or nil if there is none.
func (c *consumer) receive(ctx context.Context) (item *azqueue.DequeuedMessage, err error) {
	err = persist(ctx, func(ctx context.Context) error {
		batch, err := c.queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: seconds(c.visibility)})
		if err == nil && len(batch.Messages) > 0 {
			item = batch.Messages[0]
		}
		return err
	})
	return item, err
}

// take handles one message. Its error is a storage error during the shutdown.
func (c *consumer) take(ctx context.Context, item *azqueue.DequeuedMessage) error {
	held := c.hold(ctx, item)
	e, err := parse(*item.MessageText, c.eventTypes)
	if err != nil {
		report(item, "cannot be read, goes to the poison queue: %v", err)
		return c.setAside(ctx, held, nil)
	}
	state, err := c.marks.claim(ctx, e, *item.MessageID)
	switch {
	case err != nil: // not started, so others can have it now
		_ = held.showAfter(ctx, 0)
		return err
	case state == done:
		return held.delete(ctx)
	case state == claimed:
		report(item, "a copy of this message is being handled: looking again later")
		return held.showAfter(ctx, c.visibility)
	case *item.DequeueCount > mostAttempts: // checked before the work, which may kill the process
		report(item, "attempted %d times, goes to the poison queue", mostAttempts)
		return c.setAside(ctx, held, &e)
	}
	if err := c.handle(held.ctx, e); err != nil {
		report(item, "attempt %d failed: %v", *item.DequeueCount, err)
		return held.showAfter(ctx, time.Duration(*item.DequeueCount)*c.visibility/6)
	}
	if err := c.marks.done(ctx, e); err != nil {
		held.release()
		return err
	}
	return held.delete(ctx)
}

// setAside moves a message to the poison queue. It gives up the claim on the
// event, so that the message is handled if it is moved back.
func (c *consumer) setAside(ctx context.Context, held *held, claimed *event) error {
	err := persist(ctx, func(ctx context.Context) error {
		_, err := c.poison.EnqueueMessage(ctx, *held.item.MessageText, &azqueue.EnqueueMessageOptions{TimeToLive: new(int32(-1))}) // never expires
		return err
	})
	if err == nil && claimed != nil {
		err = c.marks.giveUp(ctx, *claimed)
	}
	if err != nil {
		held.release()
		return err
	}
	return held.delete(ctx)
}

// report prints what happened to a message.
func report(item *azqueue.DequeuedMessage, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", *item.MessageID, fmt.Sprintf(format, args...))
}
