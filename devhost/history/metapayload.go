package history

import (
	"encoding/json/v2"
	"fmt"
	"strings"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// metaPayload is what is shown of an update in a webhook of Meta.
type metaPayload struct {
	Contact struct {
		Phone  string `json:"wa_id"`
		UserID string `json:"user_id"`
	} `json:"contact"`
	Message metaMessage `json:"message"`
	Status  struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Phone  string `json:"recipient_id"`
		UserID string `json:"recipient_user_id"`
		Errors []struct {
			Code  int    `json:"code"`
			Title string `json:"title"`
		} `json:"errors"`
	} `json:"status"`
}

type metaMessage struct {
	ID       string                `json:"id"`
	Phone    string                `json:"from"`
	UserID   string                `json:"from_user_id"`
	Type     string                `json:"type"`
	Text     struct{ Body string } `json:"text"`
	Image    *metaMedia            `json:"image"`
	Video    *metaMedia            `json:"video"`
	Audio    *metaMedia            `json:"audio"`
	Document *metaMedia            `json:"document"`
	Sticker  *metaMedia            `json:"sticker"`
	Button   *whatsapp.Button      `json:"button"`
	Context  struct{ ID string }   `json:"context"`
	Order    struct{ Text string } `json:"order"`
	System   struct{ Body string } `json:"system"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name"`
	} `json:"location"`
	Contacts []struct {
		Name struct {
			Formatted string `json:"formatted_name"`
		} `json:"name"`
	} `json:"contacts"`
	Interactive struct {
		Button *whatsapp.Choice      `json:"button_reply"`
		List   *whatsapp.Choice      `json:"list_reply"`
		Form   struct{ Body string } `json:"nfm_reply"`
	} `json:"interactive"`
	Reaction *struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	} `json:"reaction"`
	Edit struct {
		Message struct {
			Text struct{ Body string } `json:"text"`
		} `json:"message"`
	} `json:"edit"`
	Unsupported struct{ Type string } `json:"unsupported"`
}

type metaMedia struct {
	ID       string `json:"id"`
	MimeType string `json:"mime_type"`
	FileName string `json:"filename"`
	Caption  string `json:"caption"`
	Animated bool   `json:"animated"`
	Voice    bool   `json:"voice"`
}

// readMeta reads an update of Meta, if the event is one of a message or a status.
func readMeta(e eventgrid.Event) (p payload, ok bool) {
	var m metaPayload
	switch e.Type() {
	case eventgrid.TypeMetaMessage:
		p.isMessage = true
	case eventgrid.TypeMetaStatus:
		p.isStatus = true
	default:
		return p, false
	}
	_ = json.Unmarshal(e.Data(), &m, json.MatchCaseInsensitiveNames(true), tolerant)
	if p.isStatus {
		p.MessageID, p.Status, p.To, p.ToBSUID = m.Status.ID, m.Status.Status, m.Status.Phone, m.Status.UserID
		for _, first := range m.Status.Errors[:min(1, len(m.Status.Errors))] {
			p.Error.Code, p.Error.Message = fmt.Sprint(first.Code), first.Title
		}
		return p, true
	}
	p.MessageID = m.Message.ID
	p.meta = m.Message.shown()
	if p.meta.Person.BSUID == "" {
		p.meta.Person.BSUID = m.Contact.UserID
	}
	return p, true
}

// shown returns the message as the conversation shows it.
func (m metaMessage) shown() *Message {
	shown := &Message{
		Person:    whatsapp.Person{Phone: m.Phone, BSUID: m.UserID},
		MessageID: m.ID,
		Kind:      m.Type,
		Text:      m.Text.Body,
		Button:    m.Button,
		Choice:    m.Interactive.Button,
		ReplyTo:   m.Context.ID,
		Detail:    m.detail(),
	}
	if m.Interactive.List != nil {
		shown.Choice = m.Interactive.List
		shown.Choice.List = true
	}
	if m.Reaction != nil {
		shown.Reaction = &whatsapp.Reaction{MessageID: m.Reaction.MessageID, Emoji: m.Reaction.Emoji}
	}
	for _, media := range []*metaMedia{m.Image, m.Video, m.Audio, m.Document, m.Sticker} {
		if media != nil {
			shown.Media = &whatsapp.Media{ID: media.ID, MimeType: media.MimeType, FileName: media.FileName, Animated: media.Animated, Voice: media.Voice}
			shown.Text = media.Caption
		}
	}
	return shown
}

// detail describes the kinds of messages that have no part of their own.
func (m metaMessage) detail() string {
	switch m.Type {
	case "location":
		if m.Location == nil {
			return ""
		}
		return strings.TrimSpace(fmt.Sprintf("%s %g, %g", m.Location.Name, m.Location.Latitude, m.Location.Longitude))
	case "contacts":
		var names []string
		for _, contact := range m.Contacts {
			names = append(names, contact.Name.Formatted)
		}
		return strings.Join(names, ", ")
	case "order":
		return strings.TrimSpace("Order " + m.Order.Text)
	case "system":
		return m.System.Body
	case "edit":
		return strings.TrimSpace("Edited a message: " + m.Edit.Message.Text.Body)
	case "revoke":
		return "Deleted a message"
	case "request_welcome":
		return "Opened the chat for the first time"
	case "unsupported":
		return strings.TrimSpace("Unsupported: " + m.Unsupported.Type)
	case "interactive":
		return m.Interactive.Form.Body
	default:
		return ""
	}
}
