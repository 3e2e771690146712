package host

import (
	"context"
	"math"
	"time"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// stopTimeout is how long Stop waits for calls with queue messages.
const stopTimeout = 5 * time.Second

// listen starts a listener for each function with a queue trigger. They poll
// when the handler is ready, until ctx is done.
func (h *Host) listen(ctx context.Context) {
	for _, function := range h.options.App.Functions {
		if function.Queue == "" {
			continue
		}
		l := &listener{
			queue:    function.Queue,
			settings: h.options.App.Host.Queues,
			store:    h.options.Queues,
			call: func(ctx context.Context, message storage.Message) error {
				return h.callWithMessage(ctx, function, message)
			},
			added:    h.added,
			repeat:   h.options.Faults.Duplicate,
			log:      h.log.With().Str("function", function.Name).Str("queue", function.Queue).Logger(),
			wake:     make(chan struct{}, 1),
			finished: make(chan struct{}, 1),
		}
		h.listeners = append(h.listeners, l)
		h.listening.Go(func() {
			if _, err := h.ready(ctx); err == nil {
				h.warnOfHidden(ctx, l)
				l.run(ctx)
			}
		})
	}
	go func() {
		h.listening.Wait()
		close(h.drained)
	}()
}

// warnOfHidden warns of messages that an earlier host received and neither deleted
// nor made visible again, because it was killed.
func (h *Host) warnOfHidden(ctx context.Context, l *listener) {
	count, err := h.options.Queues.Count(ctx, storage.Queues, l.queue, math.MaxInt)
	visible, err2 := h.options.Queues.Messages(ctx, l.queue)
	if hidden := count - len(visible); err == nil && err2 == nil && hidden > 0 && len(visible) < storage.MaxReceive {
		l.log.Warn().Int("hidden", hidden).Msg("messages that were received before this host started are hidden: they become visible again within 10 minutes")
	}
}

// callWithMessage makes an invocation with a queue message.
func (h *Host) callWithMessage(ctx context.Context, function app.Function, message storage.Message) error {
	_, err := h.invoke(ctx, function, newMessageCall(function, message))
	return err
}

// callWithInput makes an invocation with a message that is in no queue
// (StringToStorageQueueMessageConverter.cs).
func (h *Host) callWithInput(ctx context.Context, function app.Function, input string) error {
	never := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	call := newMessageCall(function, storage.Message{Inserted: time.Now(), Expires: never, NextVisible: never, Body: []byte(input)})
	call.Input = input
	_, err := h.invoke(ctx, function, call)
	return err
}

func newMessageCall(function app.Function, message storage.Message) bridge.Call {
	m := &bridge.QueueMessage{Message: message, Queue: function.Queue, Binary: function.Trigger.DataType == "binary"}
	return bridge.Call{Function: function.Name, Trigger: function.Trigger.Name, Events: []dotnet.Value{m.Value()}, Message: m}
}

// added wakes the listeners of a queue that has a new message
// (SharedQueueWatcher.cs).
func (h *Host) added(queue string) {
	for _, l := range h.listeners {
		if l.queue == queue {
			signal(l.wake)
		}
	}
}

// outputs is the storage of the outputs. It wakes the listeners of a queue to
// which an output of this host adds a message.
type outputs struct {
	storage.Writer
	added func(queue string)
}

// Enqueue implements [storage.Writer].
func (o outputs) Enqueue(ctx context.Context, queue string, message []byte) error {
	err := o.Writer.Enqueue(ctx, queue, message)
	if err == nil {
		o.added(queue)
	}
	return err
}
