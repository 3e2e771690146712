// Package demo publishes events from files and accounts for each of them in
// what storage holds afterwards.
package demo

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"slices"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
)

// event is as much of a published event as accounting needs.
type event struct {
	ID        string `json:"id"`
	EventType string `json:"eventType"`
	Type      string `json:"type"`
	Data      struct {
		Status string `json:"status"`
	} `json:"data"`
}

// kind is the event's type, in whichever schema it is written.
func (e event) kind() string {
	if e.EventType != "" {
		return e.EventType
	}
	return e.Type
}

// key tells an event from others. Its id won't do: the documented statuses
// share theirs.
func (e event) key() string { return key(e.ID, e.Data.Status) }

func key(eventID, status string) string {
	return eventID + " " + strings.ToLower(status)
}

// delivery is the events of one file.
type delivery struct {
	file   string
	body   []byte
	events []event
}

// readDelivery reads a file that holds an array of events or one event.
func readDelivery(file string) (delivery, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return delivery{}, err
	}
	d := delivery{file: file, body: body}
	if jsontext.Value(body).Kind() == jsontext.KindBeginObject {
		d.events = make([]event, 1)
		err = json.Unmarshal(body, &d.events[0])
	} else {
		err = json.Unmarshal(body, &d.events)
	}
	if err != nil {
		return delivery{}, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

// functions are those that subscribe to one of the events' types.
func (d delivery) functions(subscriptions []eventgrid.Subscription) []string {
	var functions []string
	for _, s := range subscriptions {
		if !slices.Contains(functions, s.Function) && slices.ContainsFunc(d.events, func(e event) bool { return s.Takes(e.kind()) }) {
			functions = append(functions, s.Function)
		}
	}
	return functions
}
