package whatsapp

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Person is a WhatsApp user with a phone number (digits), a business-scoped user
// id, or both.
type Person struct {
	Phone string `json:"phone,omitzero"`
	BSUID string `json:"bsuid,omitzero"`
	// Name and Username are those of the profile. Only Meta publishes them.
	Name     string `json:"name,omitzero"`
	Username string `json:"username,omitzero"`
}

// orNobody returns the person, or one with the number [Phone].
func (p Person) orNobody() Person {
	if p.Phone == "" && p.BSUID == "" {
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
	// Text is the text, the caption of media, the note of an order, the text that a
	// person sees of an answered form, or the new text of an edited message.
	Text     string    `json:"text,omitzero"`
	Media    *Media    `json:"media,omitzero"`
	Button   *Button   `json:"button,omitzero"`
	Choice   *Choice   `json:"choice,omitzero"`
	Reaction *Reaction `json:"reaction,omitzero"`
	// ReplyTo is the id of the message that this one replies to.
	ReplyTo string `json:"replyTo,omitzero"`
	OnlyMeta
}

// OnlyMeta is what only Meta publishes.
type OnlyMeta struct {
	Location *Location `json:"location,omitzero"`
	Contacts []Contact `json:"contacts,omitzero"`
	Flow     *Flow     `json:"flow,omitzero"`
	// Permission is the answer to a request for calls: accept or reject.
	Permission string `json:"permission,omitzero"`
	Order      *Order `json:"order,omitzero"`
	// NewIdentity is what a person changed the number or the id to.
	NewIdentity *Person `json:"newIdentity,omitzero"`
	// Target is the id of the message that is edited or revoked.
	Target string `json:"target,omitzero"`
	// Unsupported is Meta's name for the kind of an unsupported message.
	Unsupported string `json:"unsupported,omitzero"`
	// Forwarded is "once" or "often"; empty if the message is not forwarded.
	Forwarded string    `json:"forwarded,omitzero"`
	Referral  *Referral `json:"referral,omitzero"`
}

// Media describes a file. Its content is not published.
type Media struct {
	// ID is a new id if it is empty.
	ID string `json:"id,omitzero"`
	// MimeType is the usual type of the kind if it is empty.
	MimeType string `json:"mimeType,omitzero"`
	FileName string `json:"fileName,omitzero"`
	// SHA256 is the hash of the content in base64. Only Meta publishes it. Another
	// hash is published if it is empty.
	SHA256   string `json:"sha256,omitzero"`
	Animated bool   `json:"animated,omitzero"`
	// Voice means that audio is a voice message. Only Meta publishes it.
	Voice bool `json:"voice,omitzero"`
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

// Location is a place.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitzero"`
	Address   string  `json:"address,omitzero"`
	URL       string  `json:"url,omitzero"`
}

// Contact is an entry of an address book.
type Contact struct {
	Name  string `json:"name"`
	Phone string `json:"phone,omitzero"`
}

// Flow is the answer of a person to a form.
type Flow struct {
	// Address means that the form asked for an address.
	Address bool `json:"address,omitzero"`
	// Response holds the answers, a JSON object.
	Response string `json:"response"`
}

// Order is a basket of products.
type Order struct {
	CatalogID string `json:"catalogId"`
	Items     []Item `json:"items"`
}

// Item is a product of an order.
type Item struct {
	ProductID string  `json:"productId"`
	Quantity  int     `json:"quantity"`
	Price     float64 `json:"price"`
	Currency  string  `json:"currency"`
}

// Referral is the advertisement or post that led to a message.
type Referral struct {
	// Type is ad or post.
	Type     string `json:"type"`
	URL      string `json:"url"`
	SourceID string `json:"sourceId,omitzero"`
	Headline string `json:"headline,omitzero"`
	Body     string `json:"body,omitzero"`
	ClickID  string `json:"clickId,omitzero"`
}

// mimeTypes are the kinds with media, and their usual types.
var mimeTypes = map[string]string{
	"image":    "image/jpeg",
	"video":    "video/mp4",
	"audio":    "audio/ogg; codecs=opus",
	"document": "application/pdf",
	"sticker":  "image/webp",
}

// Kinds are the kinds of messages that both providers publish.
var Kinds = []string{"text", "image", "video", "audio", "document", "sticker", "button", "interactive", "reaction"}

// MetaKinds are the kinds that only Meta publishes.
var MetaKinds = []string{"location", "contacts", "order", "system", "edit", "revoke", "request_welcome", "unsupported"}

// check checks a message of one of kinds.
func (m Message) check(kinds []string) error {
	_, hasMedia := mimeTypes[m.Kind]
	isChoice := m.Choice != nil && m.Choice.ID != "" && m.Choice.Title != ""
	switch {
	case !slices.Contains(kinds, m.Kind) && slices.Contains(MetaKinds, m.Kind):
		return fmt.Errorf("message kind %s: only Meta publishes it, Azure Communication Services does not", m.Kind)
	case !slices.Contains(kinds, m.Kind):
		return fmt.Errorf("message kind %q: write one of %s", m.Kind, strings.Join(kinds, ", "))
	case m.Kind == "text" && m.Text == "":
		return errors.New("a text message needs a text")
	case m.Kind == "edit" && m.Target != "" && m.Text == "":
		return errors.New("an edited message needs its new text")
	case m.Kind == "button" && (m.Button == nil || m.Button.Text == ""):
		return errors.New("a button needs a text")
	case m.Kind == "interactive" && m.Flow == nil && m.Permission == "" && !isChoice:
		return errors.New("a choice needs an id and a title")
	case m.Kind == "reaction" && (m.Reaction == nil || m.Reaction.MessageID == ""):
		return errors.New("a reaction needs the id of the message that it is on")
	case m.Media != nil && !hasMedia:
		return fmt.Errorf("a message of kind %s has no media", m.Kind)
	}
	return m.OnlyMeta.check(m.Kind)
}

func (o OnlyMeta) check(kind string) error {
	answers := map[string]any{}
	switch {
	case kind == "location" && (o.Location == nil || !(math.Abs(o.Location.Latitude) <= 90) || !(math.Abs(o.Location.Longitude) <= 180)):
		return errors.New("a location needs a latitude from -90 to 90 and a longitude from -180 to 180")
	case kind == "contacts" && (len(o.Contacts) == 0 || slices.ContainsFunc(o.Contacts, func(c Contact) bool { return c.Name == "" })):
		return errors.New("a contact needs a name")
	case kind == "order" && (o.Order == nil || len(o.Order.Items) == 0 || slices.ContainsFunc(o.Order.Items, func(i Item) bool { return i.ProductID == "" || i.Quantity < 1 })):
		return errors.New("an order needs products, each with an id and a quantity")
	case kind == "system" && (o.NewIdentity == nil || (o.NewIdentity.Phone == "") == (o.NewIdentity.BSUID == "")):
		return errors.New("a change of identity needs either the new number or the new business-scoped id")
	case (kind == "edit" || kind == "revoke") && o.Target == "":
		return fmt.Errorf("a message of kind %s needs the id of the message that it changes", kind)
	case o.Flow != nil && json.Unmarshal([]byte(o.Flow.Response), &answers) != nil:
		return fmt.Errorf("the answer to a form or to a request for an address is %q: it must be a JSON object", o.Flow.Response)
	case o.Permission != "" && o.Permission != "accept" && o.Permission != "reject":
		return fmt.Errorf("the answer to a request for calls is %q: write accept or reject", o.Permission)
	case o.Forwarded != "" && o.Forwarded != "once" && o.Forwarded != "often":
		return fmt.Errorf("forwarded is %q: write once or often", o.Forwarded)
	case o.Referral != nil && (o.Referral.URL == "" || o.Referral.Type != "ad" && o.Referral.Type != "post"):
		return errors.New("a referral needs an address, and its type is ad or post")
	}
	return nil
}
