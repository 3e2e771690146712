package eventgrid

import "fmt"

// Manner is how events are delivered where it is not to be as the
// subscriptions say. The zero value is as they say.
type Manner struct {
	// Schema is one of the constants, or empty.
	Schema string
	// MaxEventsPerBatch is from 1 to 5000, or 0.
	MaxEventsPerBatch int
}

// SetManner changes how events are delivered from now on.
func (s *Service) SetManner(m Manner) error {
	if m.Schema != "" && m.Schema != CloudEventSchema && m.Schema != EventGridSchema {
		return fmt.Errorf("the schema is %q: write %s or %s", m.Schema, CloudEventSchema, EventGridSchema)
	}
	if m.MaxEventsPerBatch < 0 || m.MaxEventsPerBatch > 5000 {
		return fmt.Errorf("the batch size is %d: write a number from 1 to 5000, or 0 for what the subscriptions say", m.MaxEventsPerBatch)
	}
	s.manner.Store(&m)
	return nil
}

// Manner is how events are delivered.
func (s *Service) Manner() Manner { return *s.manner.Load() }

// subscription is a queue's subscription, as it is to be delivered now.
func (s *Service) subscription(q *queue) Subscription {
	subscription, m := q.subscription, s.Manner()
	if m.Schema != "" {
		subscription.DeliverySchema = m.Schema
	}
	if m.MaxEventsPerBatch != 0 {
		subscription.MaxEventsPerBatch = m.MaxEventsPerBatch
	}
	return subscription
}
