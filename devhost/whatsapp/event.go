// Package whatsapp makes what a provider publishes about messages from people on
// WhatsApp, and about the statuses of messages to them: the events of Azure
// Communication Services, and the webhooks of Meta's Cloud API.
//
// The shapes are those of
// https://learn.microsoft.com/azure/event-grid/communication-services-advanced-messaging-events
// and https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks.
package whatsapp

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
)

// The types of events.
const (
	TypeReceived = "Microsoft.Communication.AdvancedMessageReceived"
	TypeStatus   = "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"
)

// Channel is the id of the business's channel, unless an event names another.
const Channel = "75476a19-a68d-4e10-806c-3680f099e069"

// Phone is a person's number, unless an event names another. It is reserved for
// examples.
const Phone = "14255550123"

// business is the business's own number, which replies name.
const business = "15555550100"

const channelType = "whatsapp"

// Schema is an event schema.
type Schema string

// The schemas.
const (
	EventGrid   Schema = "eventgrid"
	CloudEvents Schema = "cloudevents"
)

// Schemas are all schemas.
var Schemas = []Schema{CloudEvents, EventGrid}

// Event is an event to publish.
type Event struct {
	ID      string
	Type    string
	Subject string
	Time    time.Time
	// Data is the payload.
	Data jsontext.Value
}

func newEvent(kind, subject string, at time.Time, data any) (Event, error) {
	text, err := json.Marshal(data)
	return Event{ID: uuid.NewString(), Type: kind, Subject: subject, Time: at, Data: text}, err
}

// In returns the event in a schema.
func (e Event) In(schema Schema) jsontext.Value {
	moment := e.Time.UTC().Format("2006-01-02T15:04:05.0000000Z")
	var event any
	if schema == CloudEvents {
		event = cloudEvent{e.ID, eventgrid.LocalTopic, e.Subject, e.Data, e.Type, "1.0", moment}
	} else {
		event = eventGridEvent{e.ID, eventgrid.LocalTopic, e.Subject, e.Data, e.Type, "1.0", "1", moment}
	}
	text, err := json.Marshal(event)
	if err != nil {
		panic(err) // Data is JSON
	}
	return text
}

type cloudEvent struct {
	ID          string         `json:"id"`
	Source      string         `json:"source"`
	Subject     string         `json:"subject"`
	Data        jsontext.Value `json:"data"`
	Type        string         `json:"type"`
	SpecVersion string         `json:"specversion"`
	Time        string         `json:"time"`
}

type eventGridEvent struct {
	ID              string         `json:"id"`
	Topic           string         `json:"topic"`
	Subject         string         `json:"subject"`
	Data            jsontext.Value `json:"data"`
	EventType       string         `json:"eventType"`
	DataVersion     string         `json:"dataVersion"`
	MetadataVersion string         `json:"metadataVersion"`
	EventTime       string         `json:"eventTime"`
}

// received returns a time as ACS writes it in data. The event's own time has
// another form.
func received(at time.Time) string {
	return at.UTC().Format("2006-01-02T15:04:05-07:00")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
