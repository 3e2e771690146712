package whatsapp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Person is a WhatsApp user with a phone number (digits), a business-scoped user
// id, or both.
type Person struct {
	Phone string `json:"phone,omitzero"`
	BSUID string `json:"bsuid,omitzero"`
}

// orNobody returns the person, or one with the number [Phone].
func (p Person) orNobody() Person {
	if p == (Person{}) {
		p.Phone = Phone
	}
	return p
}

// name returns the name of a person in subjects.
func (p Person) name() string { return orElse(p.Phone, p.BSUID) }

// Message is a message from a person. Only the fields of its kind may be set.
type Message struct {
	// ID is a new id if it is empty.
	ID string `json:"id,omitzero"`
	// Kind is one of [Kinds].
	Kind string `json:"kind"`
	From Person `json:"from,omitzero"`
	// To is the id of the business's channel.
	To string `json:"to,omitzero"`
	// Text is the text, or the caption of media.
	Text     string    `json:"text,omitzero"`
	Media    *Media    `json:"media,omitzero"`
	Button   *Button   `json:"button,omitzero"`
	Choice   *Choice   `json:"choice,omitzero"`
	Reaction *Reaction `json:"reaction,omitzero"`
	// ReplyTo is the id of the message that this one replies to.
	ReplyTo string `json:"replyTo,omitzero"`
}

// Media describes a file. Only its id is published.
type Media struct {
	// ID is a new id if it is empty.
	ID string `json:"id,omitzero"`
	// MimeType is the usual type of the kind if it is empty.
	MimeType string `json:"mimeType,omitzero"`
	FileName string `json:"fileName,omitzero"`
	Animated bool   `json:"animated,omitzero"`
}

// Button is a pressed quick-reply button of a template.
type Button struct {
	Text    string `json:"text"`
	Payload string `json:"payload,omitzero"`
}

// Choice is a pressed reply button, or an entry picked from a list.
type Choice struct {
	// List means that it is an entry of a list.
	List        bool   `json:"list,omitzero"`
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitzero"`
}

// Reaction is an emoji on a message. An empty Emoji removes it.
type Reaction struct {
	MessageID string `json:"messageId"`
	Emoji     string `json:"emoji,omitzero"`
}

// mimeTypes are the kinds with media, and their usual types.
var mimeTypes = map[string]string{
	"image":    "image/jpeg",
	"video":    "video/mp4",
	"audio":    "audio/ogg; codecs=opus",
	"document": "application/pdf",
	"sticker":  "image/webp",
}

// Kinds are the kinds of messages.
var Kinds = []string{"text", "image", "video", "audio", "document", "sticker", "button", "interactive", "reaction"}

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

// Event returns the event that is published for the message.
func (m Message) Event(at time.Time) (Event, error) {
	if err := m.check(); err != nil {
		return Event{}, err
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

func (m Message) check() error {
	_, hasMedia := mimeTypes[m.Kind]
	switch {
	case !slices.Contains(Kinds, m.Kind):
		return fmt.Errorf("message kind %q: write one of %s", m.Kind, strings.Join(Kinds, ", "))
	case m.Kind == "text" && m.Text == "":
		return errors.New("a text message needs a text")
	case m.Kind == "button" && (m.Button == nil || m.Button.Text == ""):
		return errors.New("a button needs a text")
	case m.Kind == "interactive" && (m.Choice == nil || m.Choice.ID == "" || m.Choice.Title == ""):
		return errors.New("a choice needs an id and a title")
	case m.Kind == "reaction" && (m.Reaction == nil || m.Reaction.MessageID == ""):
		return errors.New("a reaction needs the id of the message that it is on")
	case m.Media != nil && !hasMedia:
		return fmt.Errorf("a message of kind %s has no media", m.Kind)
	}
	return nil
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
