package main

import (
	"fmt"
	"strings"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/whatsapp"
)

// testCase is a delivery, sent over and over.
type testCase struct {
	name     string
	function string
	events   int
	// body is the request body that the Functions host writes for cardinality
	// many.
	body string
}

// The functions of the app.
const (
	receiver = "AdvancedMessageTrigger"
	statuses = "StatusTrigger"
	webhooks = "WebhookTrigger"
)

// moment is the time of all events, so that all runs send the same bytes.
var moment = time.Date(2026, 11, 20, 9, 15, 3, 192171600, time.UTC)

// event makes an event that can be published.
type event interface {
	Event(at time.Time) (whatsapp.Event, error)
}

func text(length int) whatsapp.Message {
	const words = "Is order 12345 ready? I'll be there at 5. "
	return whatsapp.Message{
		Kind: "text", ID: "5796a670-482c-490e-8d97-82bfcdc83011",
		Text: strings.Repeat(words, length/len(words)+1)[:length],
	}
}

// cases returns the deliveries that are measured.
func cases() ([]testCase, error) {
	image := whatsapp.Message{
		Kind: "image", ID: "5796a670-482c-490e-8d97-82bfcdc83011", Text: "The one on the left",
		Media: &whatsapp.Media{ID: "0fd12c27-b9a4-4e21-ae5a-6c5e2b13a3f1"},
	}
	failed := whatsapp.Status{Status: "failed", MessageID: "5796a670-482c-490e-8d97-82bfcdc83011", Code: "131047"}
	var all []testCase
	for _, c := range []struct {
		name, function string
		events         int
		event          event
	}{
		{"one text message", receiver, 1, text(42)},
		{"one image", receiver, 1, image},
		{"one failed status", statuses, 1, failed},
		{"a batch of 100 texts", receiver, 100, text(42)},
		{"a batch of 64 KB, 15 long texts", receiver, 15, text(3800)},
		{"one event of 1 MB", receiver, 1, text(1_000_000)},
	} {
		body, err := request(c.function, c.event, c.events)
		if err != nil {
			return nil, err
		}
		all = append(all, testCase{c.name, c.function, c.events, body})
	}
	for _, c := range []struct {
		name    string
		updates int
		userIDs bool
	}{
		{"one text message from Meta, signed", 1, false},
		{"1,000 of them in one webhook", 1000, false},
		{"1,000 from a person with a user id, so two rows each", 1000, true},
	} {
		body, err := webhookRequest(c.updates, c.userIDs)
		if err != nil {
			return nil, err
		}
		all = append(all, testCase{c.name, webhooks, c.updates, body})
	}
	return all, nil
}

// request returns the body that the host sends for a batch of the event, each
// copy with its own id.
func request(function string, e event, times int) (string, error) {
	call := bridge.Call{
		ID: "0d1f6a2e-5b1c-4a53-9c5e-6d3c9c0f7a01", Function: function, Trigger: "eventGridEvents", Many: true,
		Now: moment, GUID: "2f7e4d9b-8f0b-4a8e-8d0c-2d4e3b4c5a10",
	}
	for i := range times {
		event, err := e.Event(moment)
		if err != nil {
			return "", err
		}
		event.ID = fmt.Sprintf("f3c1a7a0-8d5e-4a6b-9b1f-%012d", i)
		value, err := dotnet.Read(event.In(whatsapp.CloudEvents), dotnet.Options{})
		if err != nil {
			return "", err
		}
		call.Events = append(call.Events, value)
	}
	return call.Body(), nil
}
