// Package demo publishes events from files and accounts for each of them in
// what storage holds afterwards.
package demo

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"slices"
	"strings"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/eventgrid"
)

// event is a published event with the fields that accounting needs.
type event struct {
	value     dotnet.Value
	kind      string
	id        string
	messageID string
	status    string
}

// newEvent reads an event in either schema.
func newEvent(value dotnet.Value) event {
	text := func(v dotnet.Value, name string) string { return strings.TrimSpace(field(v, name)) }
	data, _ := value.Get("data")
	e := event{
		value:     value,
		kind:      text(value, "eventType"),
		id:        text(value, "id"),
		messageID: strings.ToLower(text(data, "messageId")),
		status:    strings.ToLower(text(data, "status")),
	}
	if e.kind == "" {
		e.kind = text(value, "type")
	}
	// A status may name its message in the subject only:
	// advancedMessage/<message id>/status/<status>.
	id, isStatus := strings.CutPrefix(text(value, "subject"), "advancedMessage/")
	if end := strings.LastIndex(id, "/status/"); isStatus && end >= 0 && e.messageID == "" {
		e.messageID = strings.ToLower(id[:end])
	}
	if e.status == "" {
		e.status = "unknown"
	}
	return e
}

// message returns the id of the event's message, or the event's own id.
func (e event) message() string {
	if e.messageID != "" {
		return e.messageID
	}
	return strings.ToLower(e.id)
}

// newUpdate reads an update in a webhook of Meta.
func newUpdate(e eventgrid.Event) event {
	data, _ := dotnet.Read(e.Data(), dotnet.Options{})
	update := event{kind: e.Type(), id: e.ID(), messageID: strings.ToLower(field(data, "message.id"))}
	if e.Type() == eventgrid.TypeMetaStatus {
		update.messageID, update.status = strings.ToLower(field(data, "status.id")), strings.ToLower(field(data, "status.status"))
	}
	return update
}

// delivery holds events of one file.
type delivery struct {
	file   string
	body   []byte
	events []event
	// texts are the events as they are in the file.
	texts []jsontext.Value
	// webhook means that the file is the body of a webhook of Meta.
	webhook bool
}

// metaObject is the field object of every webhook of Meta's Cloud API.
const metaObject = "whatsapp_business_account"

// readDelivery reads a file with an array of events, one event, or the body of a
// webhook of Meta.
func readDelivery(file string) (delivery, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return delivery{}, err
	}
	value, err := dotnet.Read(body, dotnet.Options{})
	if err != nil {
		return delivery{}, fmt.Errorf("%s: %w", file, err)
	}
	values := value.Items
	if value.Kind == dotnet.KindObject {
		values = []dotnet.Value{value}
	}
	d := delivery{file: file, body: body}
	if field(value, "object") == metaObject {
		d.webhook = true
		for _, update := range eventgrid.Updates(body) {
			d.events = append(d.events, newUpdate(update))
		}
		return d, nil
	}
	for _, value := range values {
		d.events = append(d.events, newEvent(value))
	}
	d.texts, err = texts(body)
	if err != nil || len(d.texts) != len(d.events) {
		return d, fmt.Errorf("%s: neither an event nor an array of events", file)
	}
	return d, nil
}

// texts returns the events of a file unchanged.
func texts(body []byte) (events []jsontext.Value, err error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	lenient := json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if jsontext.Value(body).Kind() == jsontext.KindBeginObject {
		return []jsontext.Value{body}, nil
	}
	return events, json.Unmarshal(body, &events, lenient)
}

// only returns the delivery with the events that keep chooses.
func (d delivery) only(keep func(e event) bool) delivery {
	some := delivery{file: d.file}
	for i, e := range d.events {
		if keep(e) {
			some.events, some.texts = append(some.events, e), append(some.texts, d.texts[i])
		}
	}
	some.body = append(append([]byte{'['}, bytes.Join(bytesOf(some.texts), []byte{','})...), ']')
	return some
}

func bytesOf(texts []jsontext.Value) (all [][]byte) {
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

// functions returns the functions that subscribe to one of the events, or the one
// that takes webhooks.
func (d delivery) functions(subscriptions []eventgrid.Subscription, webhook string) []string {
	var functions []string
	if d.webhook && webhook != "" {
		return []string{webhook}
	}
	for _, s := range subscriptions {
		takesOne := slices.ContainsFunc(d.events, func(e event) bool { return s.Takes(e.kind) })
		if takesOne && !slices.Contains(functions, s.Function) {
			functions = append(functions, s.Function)
		}
	}
	return functions
}
