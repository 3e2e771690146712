package whatsapp

import (
	"errors"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// receivedData is the payload of a message event.
type receivedData struct {
	ChannelType       string        `json:"channelType"`
	MessageType       string        `json:"messageType"`
	MessageID         string        `json:"messageId"`
	From              string        `json:"from"`
	FromBSUID         string        `json:"fromBSUID,omitzero"`
	To                string        `json:"to"`
	ReceivedTimestamp string        `json:"receivedTimestamp"`
	Content           string        `json:"content,omitzero"`
	Media             *mediaData    `json:"media,omitzero"`
	Context           *contextData  `json:"context,omitzero"`
	Button            *buttonData   `json:"button,omitzero"`
	Interactive       *choiceData   `json:"interactive,omitzero"`
	Reaction          *reactionData `json:"reaction,omitzero"`
}

type mediaData struct {
	MimeType string `json:"mimeType"`
	ID       string `json:"id"`
	FileName string `json:"fileName,omitzero"`
	Caption  string `json:"caption,omitzero"`
	Animated *bool  `json:"animated,omitzero"`
}

type contextData struct {
	From string `json:"from"`
	ID   string `json:"id"`
}

type buttonData struct {
	Text    string `json:"text"`
	Payload string `json:"payload"`
}

type choiceData struct {
	Type        string     `json:"type"`
	ButtonReply *replyData `json:"buttonReply,omitzero"`
	ListReply   *replyData `json:"listReply,omitzero"`
}

type replyData struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitzero"`
}

type reactionData struct {
	MessageID string `json:"messageId"`
	Emoji     string `json:"emoji,omitzero"`
}

// Event returns the event that Azure Communication Services publishes for the
// message.
func (m Message) Event(at time.Time) (Event, error) {
	if err := m.check(Kinds); err != nil {
		return Event{}, err
	}
	if !reflect.ValueOf(m.OnlyMeta).IsZero() {
		return Event{}, errors.New("forms, call permissions, forwarded messages and referrals: only Meta publishes them, Azure Communication Services does not")
	}
	from, to := m.From.orNobody(), orElse(m.To, Channel)
	data := receivedData{
		ChannelType:       channelType,
		MessageType:       m.Kind,
		MessageID:         orElse(m.ID, uuid.NewString()),
		From:              from.Phone,
		FromBSUID:         from.BSUID,
		To:                to,
		ReceivedTimestamp: received(at),
		Media:             m.media(),
	}
	if data.Media == nil {
		data.Content = m.Text
	}
	if m.ReplyTo != "" {
		data.Context = &contextData{business, m.ReplyTo}
	}
	if m.Button != nil {
		data.Button = &buttonData{m.Button.Text, orElse(m.Button.Payload, m.Button.Text)}
	}
	if m.Choice != nil {
		data.Interactive = m.Choice.data()
	}
	if m.Reaction != nil {
		data.Reaction = &reactionData{m.Reaction.MessageID, m.Reaction.Emoji}
	}
	return newEvent(TypeReceived, "advancedMessage/sender/"+from.name()+"/recipient/"+to, at, data)
}

func (m Message) media() *mediaData {
	usual, ok := mimeTypes[m.Kind]
	if !ok {
		return nil
	}
	var media Media
	if m.Media != nil {
		media = *m.Media
	}
	data := &mediaData{
		MimeType: orElse(media.MimeType, usual),
		ID:       orElse(media.ID, uuid.NewString()),
		FileName: media.FileName,
		Caption:  m.Text,
	}
	if m.Kind == "sticker" {
		data.Animated = &media.Animated
	}
	return data
}

func (c Choice) data() *choiceData {
	reply := &replyData{c.ID, c.Title, c.Description}
	if c.List {
		return &choiceData{Type: "listReply", ListReply: reply}
	}
	return &choiceData{Type: "buttonReply", ButtonReply: reply}
}
