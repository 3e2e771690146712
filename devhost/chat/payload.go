package chat

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// payload is what is shown of an event's data, whichever type it is of.
type payload struct {
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

// read reads what it can: what has another shape is left out.
func read(e eventgrid.Event) payload {
	var p payload
	_ = json.Unmarshal(e.Data(), &p, json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return p
}

func isMessage(e eventgrid.Event) bool { return strings.EqualFold(e.Type(), whatsapp.TypeReceived) }

func isStatus(e eventgrid.Event) bool { return strings.EqualFold(e.Type(), whatsapp.TypeStatus) }

// entry is the message that a payload tells of.
func (p payload) entry() *Entry {
	e := &Entry{
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
		e.Choice = p.Choice.List
		e.Choice.List = true
	}
	if p.Media != nil {
		e.Media, e.Text = &p.Media.Media, p.Media.Caption
	}
	return e
}
