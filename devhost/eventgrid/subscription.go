// Package eventgrid is Event Grid as a publisher and a subscriber see it: a
// topic that takes events and keeps them, and subscriptions that deliver them
// until somebody takes them or they are dead letters.
//
// The rules are those of
// https://learn.microsoft.com/azure/event-grid/delivery-and-retry.
package eventgrid

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// Subscription says which events go where, and how. The names of its members
// are those of the resource Microsoft.EventGrid/eventSubscriptions.
type Subscription struct {
	// Name is the subscription's own.
	Name string `json:"name"`
	// EventType is the type of events it takes, in whatever case.
	EventType string `json:"eventType"`
	// Function is the function it delivers to.
	Function string `json:"function"`
	// DeliverySchema is how events are written: see the constants.
	DeliverySchema string `json:"deliverySchema"`
	// MaxEventsPerBatch is from 1, for no batches, to 5000.
	MaxEventsPerBatch int `json:"maxEventsPerBatch"`
	// PreferredBatchSizeInKilobytes is from 1 to 1024. A larger event goes
	// alone.
	PreferredBatchSizeInKilobytes int `json:"preferredBatchSizeInKilobytes"`
	// MaxDeliveryAttempts is from 1 to 30.
	MaxDeliveryAttempts int `json:"maxDeliveryAttempts"`
	// EventTimeToLiveInMinutes is from 1 to 1440.
	EventTimeToLiveInMinutes int `json:"eventTimeToLiveInMinutes"`
	// DeadLetterContainer is where events go that nobody took. Without one
	// they are lost.
	DeadLetterContainer string `json:"deadLetterContainer"`
}

// The schemas that events are delivered in.
const (
	CloudEventSchema = "CloudEventSchemaV1_0"
	EventGridSchema  = "EventGridSchema"
)

// Takes reports whether the subscription takes events of this type.
func (s Subscription) Takes(eventType string) bool {
	return strings.EqualFold(s.EventType, eventType)
}

func (s Subscription) timeToLive() time.Duration {
	return time.Duration(s.EventTimeToLiveInMinutes) * time.Minute
}

// ReadSubscriptions reads an app's list of subscriptions. What it does not say
// is as the service would have it.
func ReadSubscriptions(file string) ([]Subscription, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list struct {
		Subscriptions []Subscription `json:"subscriptions"`
	}
	if err := json.Unmarshal(text, &list, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var wrong []error
	for i := range list.Subscriptions {
		s := &list.Subscriptions[i]
		s.fill()
		if err := s.check(); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: subscriptions[%d]: %w", file, i, err))
		}
	}
	return list.Subscriptions, errors.Join(wrong...)
}

// subscriptionName is what the service takes.
var subscriptionName = regexp.MustCompile(`^[A-Za-z0-9-]{3,64}$`)

// fill sets what is not set to what the service sets it to.
func (s *Subscription) fill() {
	if s.DeliverySchema == "" {
		s.DeliverySchema = EventGridSchema
	}
	for _, number := range []struct {
		field     *int
		otherwise int
	}{
		{&s.MaxEventsPerBatch, 1},
		{&s.PreferredBatchSizeInKilobytes, 64},
		{&s.MaxDeliveryAttempts, 30},
		{&s.EventTimeToLiveInMinutes, 1440},
	} {
		if *number.field == 0 {
			*number.field = number.otherwise
		}
	}
}

func (s *Subscription) check() error {
	// The name is also that of a folder.
	if s.Name != "" && !subscriptionName.MatchString(s.Name) {
		return fmt.Errorf("name is %q: write 3 to 64 letters, digits and hyphens", s.Name)
	}
	for name, text := range map[string]string{"name": s.Name, "eventType": s.EventType, "function": s.Function} {
		if text == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if s.DeliverySchema != CloudEventSchema && s.DeliverySchema != EventGridSchema {
		return fmt.Errorf("deliverySchema is %q: write %s or %s", s.DeliverySchema, CloudEventSchema, EventGridSchema)
	}
	for _, number := range []struct {
		name        string
		value, most int
	}{
		{"maxEventsPerBatch", s.MaxEventsPerBatch, 5000},
		{"preferredBatchSizeInKilobytes", s.PreferredBatchSizeInKilobytes, 1024},
		{"maxDeliveryAttempts", s.MaxDeliveryAttempts, 30},
		{"eventTimeToLiveInMinutes", s.EventTimeToLiveInMinutes, 1440},
	} {
		if number.value < 1 || number.value > number.most {
			return fmt.Errorf("%s is %d: write a number from 1 to %d", number.name, number.value, number.most)
		}
	}
	return nil
}
