package history

import (
	"encoding/json/v2"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// payload is what is shown of an event's data, of a message or a status.
type payload struct {
	isMessage, isStatus bool
	// meta is a message that Meta published.
	meta *Message

	MessageID string              `json:"messageId"`
	From      string              `json:"from"`
	FromBSUID string              `json:"fromBSUID"`
	To        string              `json:"to"`
	ToBSUID   string              `json:"toBSUID"`
	Kind      string              `json:"messageType"`
	Content   string              `json:"content"`
	Media     *media              `json:"media"`
	Context   struct{ ID string } `json:"context"`
	Button    *whatsapp.Button    `json:"button"`
	Choice    struct {
		Button *whatsapp.Choice `json:"buttonReply"`
		List   *whatsapp.Choice `json:"listReply"`
	} `json:"interactive"`
	Reaction *whatsapp.Reaction `json:"reaction"`
	Status   string             `json:"status"`
	Error    struct {
		Code    string `json:"channelCode"`
		Message string `json:"channelMessage"`
	} `json:"error"`
}

type media struct {
	whatsapp.Media
	Caption string `json:"caption"`
}

// readPayload leaves out fields of other types.
func readPayload(e eventgrid.Event) payload {
	if p, ok := readMeta(e); ok {
		return p
	}
	p := payload{isMessage: strings.EqualFold(e.Type(), whatsapp.TypeReceived), isStatus: strings.EqualFold(e.Type(), whatsapp.TypeStatus)}
	_ = json.Unmarshal(e.Data(), &p, json.MatchCaseInsensitiveNames(true), tolerant)
	return p
}

func (p payload) message() *Message {
	if p.meta != nil {
		return p.meta
	}
	m := &Message{
		Person:    whatsapp.Person{Phone: p.From, BSUID: p.FromBSUID},
		MessageID: p.MessageID,
		Kind:      p.Kind,
		Text:      p.Content,
		Button:    p.Button,
		Reaction:  p.Reaction,
		ReplyTo:   p.Context.ID,
		Choice:    p.Choice.Button,
	}
	if p.Choice.List != nil {
		m.Choice = p.Choice.List
		m.Choice.List = true
	}
	if p.Media != nil {
		m.Media, m.Text = &p.Media.Media, p.Media.Caption
	}
	return m
}
