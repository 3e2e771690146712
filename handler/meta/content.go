package meta

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json/jsontext"
	"math"
	"strconv"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/lenient"
)

// The functions of this file read the objects that hold the content of messages.
// Each returns nil if the object is missing or empty.

func media(value lenient.Value) *conversation.Media {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	return &conversation.Media{
		ID:       text(fields.Get("id")),
		MIMEType: fields.Get("mime_type").Text(),
		FileName: fields.Get("filename").Text(),
		Caption:  fields.Get("caption").Text(),
		SHA256:   hexDigest(text(fields.Get("sha256"))),
		Animated: boolean(fields.Get("animated")),
		Voice:    boolean(fields.Get("voice")),
	}
}

// hexDigest returns a SHA-256 hash in hexadecimal digits. Webhooks have it in
// base64. It returns "" for anything else.
func hexDigest(digest string) string {
	hash, err := base64.StdEncoding.DecodeString(digest)
	if err != nil || len(hash) != 32 {
		hash, err = hex.DecodeString(digest)
	}
	if err != nil || len(hash) != 32 {
		return ""
	}
	return hex.EncodeToString(hash)
}

func boolean(value lenient.Value) *bool {
	b, ok := value.Bool()
	if !ok {
		return nil
	}
	return &b
}

func location(value lenient.Value) *conversation.Location {
	fields := value.Fields()
	latitude, latitudeErr := strconv.ParseFloat(text(fields.Get("latitude")), 64)
	longitude, longitudeErr := strconv.ParseFloat(text(fields.Get("longitude")), 64)
	if latitudeErr != nil || longitudeErr != nil || !(math.Abs(latitude) <= 90 && math.Abs(longitude) <= 180) {
		return nil
	}
	return &conversation.Location{
		Latitude:  latitude,
		Longitude: longitude,
		Name:      fields.Get("name").Text(),
		Address:   fields.Get("address").Text(),
		URL:       fields.Get("url").Text(),
	}
}

func contacts(value lenient.Value) (cards []conversation.Contact) {
	for element := range value.Elements() {
		fields := element.Fields()
		name := fields.Get("name").Fields()
		card := conversation.Contact{Name: name.Get("formatted_name").Text()}
		for phone := range fields.Get("phones").Elements() {
			number := phone.Fields()
			if digits := conversation.PhoneNumber(first(number.Get("wa_id"), number.Get("phone"))); digits != "" {
				card.Phones = append(card.Phones, digits)
			}
		}
		for email := range fields.Get("emails").Elements() {
			fields := email.Fields()
			if address := text(fields.Get("email")); address != "" {
				card.Emails = append(card.Emails, address)
			}
		}
		cards = append(cards, card)
	}
	return cards
}

func order(value lenient.Value) *conversation.Order {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	o := &conversation.Order{CatalogID: text(fields.Get("catalog_id")), Text: fields.Get("text").Text()}
	for element := range fields.Get("product_items").Elements() {
		item := element.Fields()
		o.Items = append(o.Items, conversation.OrderItem{
			ProductID: text(item.Get("product_retailer_id")),
			Quantity:  number(item.Get("quantity")),
			Price:     number(item.Get("item_price")),
			Currency:  text(item.Get("currency")),
		})
	}
	return o
}

// maxNumber is the largest quantity or price that is read. The digits of larger ones
// would need too much space.
const maxNumber = 1e15

// number returns a number, or nil.
func number(value lenient.Value) *float64 {
	n, err := strconv.ParseFloat(text(value), 64)
	if err != nil || !(math.Abs(n) <= maxNumber) {
		return nil
	}
	return &n
}

func button(value lenient.Value) *conversation.Button {
	fields := value.Fields()
	b := conversation.Button{Text: fields.Get("text").Text(), Payload: fields.Get("payload").Text()}
	if b == (conversation.Button{}) {
		return nil
	}
	return &b
}

// choice returns the answer to an interactive message. An answer of a type that
// is not known is nil; Raw has it.
func choice(value lenient.Value) *conversation.Choice {
	fields := value.Fields()
	answer := fields.Get(text(fields.Get("type")))
	switch text(fields.Get("type")) {
	case "button_reply":
		return reply(conversation.ChoiceButton, answer)
	case "list_reply":
		return reply(conversation.ChoiceList, answer)
	case "nfm_reply":
		return form(answer)
	case "call_permission_reply":
		permission := answer.Fields()
		return &conversation.Choice{
			Kind:     conversation.ChoiceCallPermission,
			ID:       text(permission.Get("response")),
			Response: objectText(answer),
		}
	default:
		return nil
	}
}

func reply(kind conversation.ChoiceKind, answer lenient.Value) *conversation.Choice {
	fields := answer.Fields()
	if fields.Len() == 0 {
		return nil
	}
	return &conversation.Choice{
		Kind:        kind,
		ID:          fields.Get("id").Text(),
		Title:       fields.Get("title").Text(),
		Description: fields.Get("description").Text(),
	}
}

// form returns the answer to a flow or to a request for an address: what the
// person filled in is JSON in a string.
func form(answer lenient.Value) *conversation.Choice {
	fields := answer.Fields()
	if fields.Len() == 0 {
		return nil
	}
	c := &conversation.Choice{Kind: conversation.ChoiceFlow, ID: text(fields.Get("name")), Title: fields.Get("body").Text()}
	if c.ID == "address_message" {
		c.Kind = conversation.ChoiceAddress
	}
	if response, err := lenient.Parse(lenient.Clean([]byte(fields.Get("response_json").Text()))); err == nil {
		c.Response = objectText(response)
	}
	return c
}

// objectText returns a JSON object, and "" for any other value.
func objectText(value lenient.Value) string {
	if value.Kind() != jsontext.KindBeginObject {
		return ""
	}
	return string(value)
}

// reaction returns a reaction. Without an emoji it is the removal of one.
func reaction(value lenient.Value) *conversation.Reaction {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	emoji := fields.Get("emoji").Text()
	return &conversation.Reaction{MessageID: text(fields.Get("message_id")), Emoji: emoji, Removed: emoji == ""}
}

// system returns a change of a person's identity. From is the old identity.
func system(value lenient.Value) *conversation.System {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	changed := conversation.NewParticipant(first(fields.Get("wa_id"), fields.Get("new_wa_id")), text(fields.Get("user_id")))
	return &conversation.System{
		Type:  text(fields.Get("type")),
		Text:  fields.Get("body").Text(),
		Phone: changed.Phone,
		BSUID: changed.BSUID,
	}
}

// replyTo returns the context of a message: what it replies to, and whether it
// was forwarded.
func replyTo(value lenient.Value) *conversation.Reference {
	fields := value.Fields()
	product := fields.Get("referred_product").Fields()
	r := conversation.Reference{
		MessageID:          text(fields.Get("id")),
		From:               conversation.PhoneNumber(text(fields.Get("from"))),
		Forwarded:          isTrue(fields.Get("forwarded")),
		ForwardedManyTimes: isTrue(fields.Get("frequently_forwarded")),
	}
	if product.Len() > 0 {
		r.Product = &conversation.Product{CatalogID: text(product.Get("catalog_id")), ProductID: text(product.Get("product_retailer_id"))}
	}
	if r == (conversation.Reference{}) {
		return nil
	}
	return &r
}

func isTrue(value lenient.Value) bool {
	b, _ := value.Bool()
	return b
}

// referral returns the ad or post from which the person started the chat.
func referral(value lenient.Value) *conversation.Referral {
	fields := value.Fields()
	if fields.Len() == 0 {
		return nil
	}
	return &conversation.Referral{
		SourceType: text(fields.Get("source_type")),
		SourceID:   text(fields.Get("source_id")),
		SourceURL:  fields.Get("source_url").Text(),
		Headline:   fields.Get("headline").Text(),
		Body:       fields.Get("body").Text(),
		ClickID:    text(fields.Get("ctwa_clid")),
	}
}

func group(id lenient.Value) *conversation.Group {
	if id := text(id); id != "" {
		return &conversation.Group{ID: id}
	}
	return nil
}
