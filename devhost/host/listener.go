package host

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/storage"
)

const (
	// hiddenWhileCalled is how long a message is hidden when it is received, and
	// by each renewal. A renewal follows after half of it.
	hiddenWhileCalled = 10 * time.Minute
	// minRenewal is the shortest pause between two attempts to renew.
	minRenewal = time.Minute
)

// listener calls a function with the messages of a queue (QueueListener.cs,
// QueueProcessor.cs).
type listener struct {
	queue    string
	settings app.Queues
	store    storage.Consumer
	// call calls the function and returns an error if the invocation failed.
	call func(ctx context.Context, message storage.Message) error
	// added is called with the name of a queue that has a new message.
	added func(queue string)
	// repeat reports whether to call the function again although it succeeded.
	repeat func() bool
	log    zerolog.Logger

	// wake ends a pause.
	wake chan struct{}
	// running counts the messages being processed. finished has an item after
	// it has decreased.
	running  atomic.Int64
	finished chan struct{}
}

// run receives messages until ctx is done. It returns when all calls have ended.
func (l *listener) run(ctx context.Context) {
	var processing sync.WaitGroup
	defer processing.Wait()
	pauses := backoff{maximum: l.settings.MaxPollingInterval}
	found, lastError := false, ""
	for ctx.Err() == nil {
		select {
		case <-l.wake: // it is before this look
		default:
		}
		// A batch that was received must not be lost, although the host stops.
		messages, err := l.store.Receive(context.WithoutCancel(ctx), l.queue, l.settings.BatchSize, hiddenWhileCalled)
		if err != nil && ctx.Err() == nil && err.Error() != lastError {
			l.log.Error().Err(err).Msg("queue messages can't be received: the host tries again")
		}
		lastError = ""
		if err != nil {
			lastError = err.Error()
		}
		called := false
		for _, message := range messages {
			called = called || !message.Undecodable
			l.running.Add(1)
			processing.Go(func() {
				l.process(context.WithoutCancel(ctx), message)
				l.running.Add(-1)
				signal(l.finished)
			})
		}
		if !called {
			l.wait(ctx, pauses.next(found))
			found = false
			continue
		}
		found = true
		for l.running.Load() > int64(l.settings.NewBatchThreshold) && ctx.Err() == nil {
			select {
			case <-l.finished:
			case <-ctx.Done():
			}
		}
	}
}

// wait waits for the end of a pause, a new message or ctx.
func (l *listener) wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.wake:
	case <-ctx.Done():
	}
}

// signal puts an item into a channel for one item.
func signal(channel chan<- struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

// process calls the function with a message and completes the message. ctx lives
// on when the listener stops.
func (l *listener) process(ctx context.Context, message storage.Message) {
	log := l.log.With().Str("messageId", message.ID).Int("dequeueCount", message.DequeueCount).Logger()
	switch {
	case message.Undecodable:
		log.Warn().Msg("the message is not base64: the host does not call the function. Write it in base64, or set extensions.queues.messageEncoding in host.json to none")
		l.moveToPoison(ctx, log, message)
		return
	case message.DequeueCount > l.settings.MaxDequeueCount:
		l.moveToPoison(ctx, log, message)
		return
	}
	renewed := l.renew(ctx, log, message)
	err := l.call(ctx, message)
	message = renewed()
	_, hasPoison := app.PoisonQueue(l.queue)
	switch {
	case err == nil && message.DequeueCount < l.settings.MaxDequeueCount && l.repeat():
		log.Warn().Msg("the message is not deleted on request, by a fault that is switched on: the function is called again")
		l.release(ctx, log, message)
	case err == nil:
		l.delete(ctx, log, message)
	case !hasPoison:
		log.Warn().Msgf("the queue has no poison queue: the message is hidden until %s", message.NextVisible.Local().Format(time.TimeOnly))
	case message.DequeueCount >= l.settings.MaxDequeueCount:
		l.moveToPoison(ctx, log, message)
	default:
		l.release(ctx, log, message)
	}
}

// renew keeps a message hidden until the returned function is called, which
// returns the message with its last receipt.
func (l *listener) renew(ctx context.Context, log zerolog.Logger, message storage.Message) (stop func() storage.Message) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for pause := hiddenWhileCalled / 2; ; {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return
			}
			// An update that was sent must not be lost: it changes the receipt.
			updated, err := l.store.UpdateMessage(context.WithoutCancel(ctx), l.queue, message, hiddenWhileCalled)
			switch {
			case err == nil:
				message, pause = updated, hiddenWhileCalled/2
			case isLost(err):
				log.Warn().Err(err).Msg("the message belongs to another consumer now: it may be processed twice")
				return
			default:
				log.Warn().Err(err).Msg("the message can't be renewed: the host tries again")
				pause = max(pause/2, minRenewal)
			}
		}
	})
	return func() storage.Message {
		cancel()
		renewing.Wait()
		return message
	}
}

// isLost reports whether the message was received by another consumer, or
// deleted.
func isLost(err error) bool {
	return errors.Is(err, storage.ErrReceipt) || errors.Is(err, storage.ErrMessageNotFound)
}

// release makes a message visible again after visibilityTimeout.
func (l *listener) release(ctx context.Context, log zerolog.Logger, message storage.Message) {
	if _, err := l.store.UpdateMessage(ctx, l.queue, message, l.settings.VisibilityTimeout); err != nil && !isLost(err) {
		log.Error().Err(err).Msgf("the message can't be made visible: it stays hidden until %s", message.NextVisible.Local().Format(time.TimeOnly))
	}
}

// delete deletes a message.
func (l *listener) delete(ctx context.Context, log zerolog.Logger, message storage.Message) {
	if err := l.store.DeleteMessage(ctx, l.queue, message); err != nil {
		log.Error().Err(err).Msg("the message can't be deleted: it may be processed twice")
	}
}

// moveToPoison moves a message to the poison queue. Without one the message stays
// hidden.
func (l *listener) moveToPoison(ctx context.Context, log zerolog.Logger, message storage.Message) {
	poison, ok := app.PoisonQueue(l.queue)
	if !ok {
		if message.Undecodable || message.DequeueCount == l.settings.MaxDequeueCount+1 { // once is enough
			log.Warn().Msg("the queue has no poison queue: the message stays in the queue until it expires, and the function is not called with it")
		}
		return
	}
	if !message.Undecodable {
		log.Warn().Msgf("Message has reached MaxDequeueCount of %d. Moving message to queue '%s'.", l.settings.MaxDequeueCount, poison)
	}
	if err := l.store.CopyMessage(ctx, poison, message); err != nil {
		log.Error().Err(err).Msg("the message can't be moved to the poison queue: it stays hidden for up to 10 minutes")
		return
	}
	l.added(poison)
	l.delete(ctx, log, message)
}
