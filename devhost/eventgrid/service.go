package eventgrid

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/worker"
)

// Options say what a service serves.
type Options struct {
	// Folder is where events lie that are on their way.
	Folder        string
	Subscriptions []Subscription
	// Endpoint is where a function is delivered to.
	Endpoint func(function string) string
	// DeadLetter writes a blob.
	DeadLetter func(ctx context.Context, container, name string, content []byte) error
	// TimeScale is how many times faster than the service's all pauses pass;
	// 0 is as slow as the service's.
	TimeScale float64
	// Say is told what happens.
	Say func(level worker.Level, text string)
	// Observers are told the same, for machines.
	Observers Observers
	// Faults are what goes wrong on request. They may be nil.
	Faults *faults.Faults
}

// Service is an Event Grid of one topic.
type Service struct {
	options  Options
	observer Observers
	store    store
	queues   []*queue
	manner   atomic.Pointer[Manner]
}

// New makes a service that goes on with what an earlier one left in its
// folder.
func New(o Options) (*Service, error) {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("event grid: %w", err)
	}
	s := &Service{options: o, observer: o.Observers, store: store{root: o.Folder}}
	s.manner.Store(&Manner{})
	if err := s.store.sweep(); err != nil {
		return nil, fmt.Errorf("event grid: %w", err)
	}
	for _, subscription := range o.Subscriptions {
		items, strays, err := s.store.load(subscription.Name, time.Now())
		if err != nil {
			return nil, fmt.Errorf("event grid: %w", err)
		}
		if len(strays) > 0 && o.Say != nil {
			o.Say(worker.Warning, fmt.Sprintf("event grid: %s: passed over, for they are no events of devhost's: %q", filepath.Join(o.Folder, subscription.Name), strays))
		}
		s.queues = append(s.queues, newQueue(subscription, items))
	}
	return s, nil
}

// Publish keeps events for every subscription that takes them, and returns
// once all of them are on disk. If one can't be kept none is.
func (s *Service) Publish(events []Event) error {
	now := time.Now()
	kept := make([][]*item, len(s.queues))
	for i, q := range s.queues {
		for _, event := range events {
			if !q.subscription.Takes(event.Type()) {
				continue
			}
			item, err := s.store.add(q.subscription.Name, event, now, now.Add(s.options.Faults.Hold()))
			if err != nil {
				s.dropAll(kept)
				return err
			}
			kept[i] = append(kept[i], item)
		}
	}
	s.observer.Published(events, now)
	for i, q := range s.queues {
		q.add(kept[i]...)
	}
	s.warnOfDropped(events)
	return nil
}

// dropAll takes back what was kept.
func (s *Service) dropAll(kept [][]*item) {
	for _, items := range kept {
		for _, i := range items {
			_ = s.store.remove(i)
		}
	}
}

func (s *Service) warnOfDropped(events []Event) {
	for _, event := range events {
		taken := slices.ContainsFunc(s.queues, func(q *queue) bool { return q.subscription.Takes(event.Type()) })
		if !taken {
			s.options.Say(worker.Warning, fmt.Sprintf("no subscription takes %s: Event Grid drops event %s", Printable(event.Type()), Printable(event.ID())))
		}
	}
}

// Run delivers until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, q := range s.queues {
		running.Go(func() { s.run(ctx, q) })
	}
	running.Wait()
}

// Pending is how many events are on their way.
func (s *Service) Pending() int {
	n := 0
	for _, q := range s.queues {
		n += q.length()
	}
	return n
}

// TimeScale is how many times faster than the service's all pauses pass.
func (s *Service) TimeScale() float64 { return s.options.TimeScale }

// scaled is a pause as long as it really lasts here.
func (s *Service) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.options.TimeScale)
}
