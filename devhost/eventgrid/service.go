package eventgrid

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/durable"
	"whatsapp-functions/devhost/faults"
)

// Options configure a service.
type Options struct {
	// Folder holds the events that are not delivered yet.
	Folder        string
	Subscriptions []Subscription
	// Endpoint returns the URL to deliver to.
	Endpoint func(function string) string
	// Meta returns where Meta delivers webhooks, or why it can't. It is nil if
	// nobody publishes webhooks.
	Meta func() (Target, error)
	// DeadLetter writes a blob.
	DeadLetter func(ctx context.Context, container, name string, content []byte) error
	// TimeScale divides all pauses; 0 and 1 are the service's own pace.
	TimeScale float64
	Log       zerolog.Logger
	// Observers are called by several goroutines. Events, headers and bodies
	// must not be changed.
	Observers []Observer
	// Faults may be nil.
	Faults *faults.Faults
}

// Service is Event Grid with one topic, and Meta with one WhatsApp account.
type Service struct {
	options Options
	store   store
	queues  []*queue
	// meta is the queue of Meta, which is also the last of queues.
	meta      *queue
	overrides atomic.Pointer[Overrides]
}

// New returns a service that continues with the events in its folder.
func New(o Options) (*Service, error) {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	folder, err := durable.Open(o.Folder)
	if err != nil {
		return nil, fmt.Errorf("event grid: %w", err)
	}
	s := &Service{options: o, store: store{folder}}
	s.overrides.Store(&Overrides{})
	for _, subscription := range append(slices.Clone(o.Subscriptions), metaSubscription) {
		items, skipped, err := s.store.load(subscription.Name, time.Now())
		if err != nil {
			return nil, fmt.Errorf("event grid: %w", err)
		}
		if len(skipped) > 0 {
			o.Log.Warn().Msg("event grid: files are skipped: " + strings.Join(skipped, "; "))
		}
		s.meta = newQueue(subscription, items)
		s.queues = append(s.queues, s.meta)
	}
	return s, nil
}

// Publish stores events for every subscription that takes them, and returns
// once all of them are on disk. If one can't be stored none is kept.
func (s *Service) Publish(events []Event) error {
	now := time.Now()
	stored := make([][]*item, len(s.queues))
	var failures []error
	for i, q := range s.queues {
		for _, event := range events {
			if q.subscription.Takes(event.Type()) {
				stored[i] = append(stored[i], s.store.newItem(q.subscription.Name, event, now, now.Add(s.options.Faults.Hold())))
			}
		}
		failures = append(failures, s.store.saveAll(stored[i]))
	}
	if err := errors.Join(failures...); err != nil {
		for _, items := range stored {
			for _, i := range items {
				_ = s.store.remove(i)
			}
		}
		return failures[slices.IndexFunc(failures, func(err error) bool { return err != nil })]
	}
	s.observe(func(o Observer) { o.Published(events, now) })
	for i, q := range s.queues {
		q.add(stored[i]...)
	}
	for _, event := range events {
		if !slices.ContainsFunc(s.queues, func(q *queue) bool { return q.subscription.Takes(event.Type()) }) {
			s.options.Log.Warn().Msgf("no subscription takes %s: Event Grid drops event %s", Printable(event.Type()), Printable(event.ID()))
		}
	}
	return nil
}

// Run delivers until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, q := range s.queues {
		running.Go(func() { s.deliver(ctx, q) })
	}
	running.Wait()
}

// Pending returns the number of events that are not delivered yet.
func (s *Service) Pending() (n int) {
	for _, q := range s.queues {
		n += q.length()
	}
	return n
}

// TimeScale returns the factor by which pauses are shorter than the service's.
func (s *Service) TimeScale() float64 { return s.options.TimeScale }

// scaled returns a pause of the service as it lasts here.
func (s *Service) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.options.TimeScale)
}

// Overrides change how all subscriptions of Event Grid deliver. A zero field
// changes nothing.
type Overrides struct {
	Schema            string
	MaxEventsPerBatch int
}

// Override sets the overrides for the next deliveries.
func (s *Service) Override(o Overrides) error {
	if o.Schema != "" && o.Schema != CloudEventSchema && o.Schema != EventGridSchema {
		return fmt.Errorf("the schema is %q: write %s or %s", o.Schema, CloudEventSchema, EventGridSchema)
	}
	if o.MaxEventsPerBatch < 0 || o.MaxEventsPerBatch > 5000 {
		return fmt.Errorf("the batch size is %d: write a number from 1 to 5000, or 0 for the subscriptions' own", o.MaxEventsPerBatch)
	}
	s.overrides.Store(&o)
	return nil
}

// Overrides returns the current overrides.
func (s *Service) Overrides() Overrides { return *s.overrides.Load() }

// subscription returns a queue's subscription with the overrides.
func (s *Service) subscription(q *queue) Subscription {
	subscription, o := q.subscription, s.Overrides()
	if subscription.IsMeta() {
		subscription.Function = s.metaFunction()
		return subscription
	}
	if o.Schema != "" {
		subscription.DeliverySchema = o.Schema
	}
	if o.MaxEventsPerBatch != 0 {
		subscription.MaxEventsPerBatch = o.MaxEventsPerBatch
	}
	return subscription
}
