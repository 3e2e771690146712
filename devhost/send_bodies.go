package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"whatsapp-functions/devhost/whatsapp"
)

// bodies returns the requests that publish what the flags describe, --count times.
// One request to Event Grid may have many events.
func (o sendOptions) bodies(at time.Time) (bodies [][]byte, err error) {
	for range o.count {
		body, err := o.body(at)
		if err != nil {
			return nil, err
		}
		last := len(bodies) - 1
		if o.provider != providerMeta && last >= 0 && len(bodies[last])+len(body) < publishLimit {
			bodies[last] = append(append(bodies[last][:len(bodies[last])-1], ','), body[1:]...)
		} else {
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}

// publishLimit is the size of a request to Event Grid.
const publishLimit = 1_000_000

// body returns what the flags describe, as it is published.
func (o sendOptions) body(at time.Time) ([]byte, error) {
	if o.provider == providerMeta {
		return o.webhook(at)
	}
	schema := whatsapp.Schema(o.schema)
	if !slices.Contains(whatsapp.Schemas, schema) {
		return nil, fmt.Errorf("--schema %s: write eventgrid or cloudevents", o.schema)
	}
	event, err := o.event(at)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte{'['}, event.In(schema), []byte{']'}), nil
}

// event returns the event that the flags describe.
func (o sendOptions) event(at time.Time) (whatsapp.Event, error) {
	if o.status.Status != "" {
		return o.describedStatus().Event(at)
	}
	m, err := o.described()
	if err != nil {
		return whatsapp.Event{}, err
	}
	if m.Kind == "text" && m.Text == "" {
		return whatsapp.Event{}, errNothingToSend
	}
	return m.Event(at)
}

var errNothingToSend = errors.New("say what to send: --text, --image, --status failed, a file, ... (devhost send --help)")

func (o sendOptions) describedStatus() whatsapp.Status {
	o.status.MessageID, o.status.To, o.status.From = o.messageID, o.person, o.channel
	return o.status
}

// described returns the message that the flags describe which both providers
// have.
func (o sendOptions) described() (whatsapp.Message, error) {
	m := o.message
	m.ID, m.From, m.To = o.messageID, o.person, o.channel
	m.Kind = "text"
	for kind, chosen := range o.media {
		if *chosen {
			m.Kind = kind
			m.Media = &whatsapp.Media{MimeType: o.mimeType, FileName: o.fileName, Animated: o.animated}
			if o.uploaded.ID != "" {
				m.Media = new(o.uploaded)
			}
		}
	}
	switch {
	case o.button.Text != "":
		m.Kind, m.Button = "button", &o.button
	case o.replyButton != "" || o.listItem != "":
		id, title, ok := strings.Cut(o.replyButton+o.listItem, "=")
		if !ok {
			return m, errors.New("--reply-button and --list-item take id=title")
		}
		m.Kind, m.Choice = "interactive", &whatsapp.Choice{List: o.listItem != "", ID: id, Title: title}
	case o.reaction.Emoji != "" || o.unreact:
		m.Kind, m.Reaction = "reaction", &o.reaction
	}
	return m, nil
}
