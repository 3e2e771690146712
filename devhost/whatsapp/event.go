// Package whatsapp is the other end of the line: what people do on WhatsApp,
// and what becomes of messages to them, as the events that Azure Communication
// Services publishes of it.
//
// The shapes are those of
// https://learn.microsoft.com/azure/event-grid/communication-services-advanced-messaging-events.
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

// Channel is the number of the business, where none is named.
const Channel = "75476a19-a68d-4e10-806c-3680f099e069"

// Phone is the number of a person, where none is named: one of those that
// belong to nobody.
const Phone = "14255550123"

// business is the business's own number, which events of replies tell.
const business = "15555550100"

const channelType = "whatsapp"

// Schema is how an event is written.
type Schema string

// The schemas.
const (
	EventGrid   Schema = "eventgrid"
	CloudEvents Schema = "cloudevents"
)

// Schemas are all of them.
var Schemas = []Schema{CloudEvents, EventGrid}

// Event is what is published.
type Event struct {
	ID      string
	Type    string
	Subject string
	Time    time.Time
	// Data is the payload, in JSON.
	Data jsontext.Value
}

func newEvent(kind, subject string, at time.Time, data any) (Event, error) {
	text, err := json.Marshal(data)
	return Event{ID: uuid.NewString(), Type: kind, Subject: subject, Time: at, Data: text}, err
}

// In is the event in a schema.
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
		panic(err) // Data comes out of the same encoder
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

// received writes the time in data as ACS does, in another way than the
// event's.
func received(at time.Time) string {
	return at.UTC().Format("2006-01-02T15:04:05-07:00")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
