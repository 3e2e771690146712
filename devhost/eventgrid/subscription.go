// Package eventgrid emulates Event Grid: a topic that stores events, and
// subscriptions that deliver them with retries and dead-lettering. With the same
// store it emulates how Meta delivers webhooks: see meta.go.
//
// The rules are those of
// https://learn.microsoft.com/azure/event-grid/delivery-and-retry and
// https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks.
package eventgrid

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// Subscription delivers events of one type to a function. The fields are those
// of the resource Microsoft.EventGrid/eventSubscriptions.
type Subscription struct {
	Name string `json:"name"`
	// EventType matches in any case.
	EventType string `json:"eventType"`
	Function  string `json:"function"`
	// DeliverySchema is [EventGridSchema] or [CloudEventSchema].
	DeliverySchema string `json:"deliverySchema"`
	// MaxEventsPerBatch is 1 to 5000; 1 turns batching off.
	MaxEventsPerBatch int `json:"maxEventsPerBatch"`
	// PreferredBatchSizeInKilobytes is 1 to 1024. A larger event is delivered
	// alone.
	PreferredBatchSizeInKilobytes int `json:"preferredBatchSizeInKilobytes"`
	// MaxDeliveryAttempts is 1 to 30.
	MaxDeliveryAttempts int `json:"maxDeliveryAttempts"`
	// EventTimeToLiveInMinutes is 1 to 1440.
	EventTimeToLiveInMinutes int `json:"eventTimeToLiveInMinutes"`
	// DeadLetterContainer is the blob container for dead letters; if it is
	// empty they are lost.
	DeadLetterContainer string `json:"deadLetterContainer"`
}

// The schemas that events are delivered in.
const (
	CloudEventSchema = "CloudEventSchemaV1_0"
	EventGridSchema  = "EventGridSchema"
)

// Takes reports whether the subscription takes events of a type.
func (s Subscription) Takes(eventType string) bool {
	return strings.EqualFold(s.EventType, eventType)
}

func (s Subscription) timeToLive() time.Duration {
	return time.Duration(s.EventTimeToLiveInMinutes) * time.Minute
}

// ReadSubscriptions reads an app's list of subscriptions, with the service's
// defaults for missing fields.
func ReadSubscriptions(file string) ([]Subscription, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list struct {
		Subscriptions []Subscription `json:"subscriptions"`
		// Redelivered is for the command redeliver.
		Redelivered jsontext.Value `json:"redelivered"`
	}
	if err := json.Unmarshal(text, &list, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := range list.Subscriptions {
		if failure := list.Subscriptions[i].complete(); failure != nil {
			err = errors.Join(err, fmt.Errorf("%s: subscriptions[%d]: %w", file, i, failure))
		}
	}
	return list.Subscriptions, err
}

// subscriptionName is also safe as the name of a folder.
var subscriptionName = regexp.MustCompile(`^[A-Za-z0-9-]{3,64}$`)

// complete sets the defaults and checks the result.
func (s *Subscription) complete() error {
	if s.DeliverySchema == "" {
		s.DeliverySchema = EventGridSchema
	}
	if strings.EqualFold(s.Name, metaSubscription.Name) {
		return fmt.Errorf("name is %q: devhost uses this name for the webhooks of Meta", s.Name)
	}
	for _, required := range [][2]string{{"name", s.Name}, {"eventType", s.EventType}, {"function", s.Function}} {
		if required[1] == "" {
			return fmt.Errorf("%s is missing", required[0])
		}
	}
	if !subscriptionName.MatchString(s.Name) {
		return fmt.Errorf("name is %q: write 3 to 64 letters, digits and hyphens", s.Name)
	}
	if s.DeliverySchema != CloudEventSchema && s.DeliverySchema != EventGridSchema {
		return fmt.Errorf("deliverySchema is %q: write %s or %s", s.DeliverySchema, CloudEventSchema, EventGridSchema)
	}
	for _, number := range []struct {
		name         string
		field        *int
		usual, limit int
	}{
		{"maxEventsPerBatch", &s.MaxEventsPerBatch, 1, 5000},
		{"preferredBatchSizeInKilobytes", &s.PreferredBatchSizeInKilobytes, 64, 1024},
		{"maxDeliveryAttempts", &s.MaxDeliveryAttempts, 30, 30},
		{"eventTimeToLiveInMinutes", &s.EventTimeToLiveInMinutes, 1440, 1440},
	} {
		if *number.field == 0 {
			*number.field = number.usual
		}
		if *number.field < 1 || *number.field > number.limit {
			return fmt.Errorf("%s is %d: write a number from 1 to %d", number.name, *number.field, number.limit)
		}
	}
	return nil
}
