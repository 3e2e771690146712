package whatsapp

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// Webhook returns the body of the webhook that Meta sends for the message.
func (m Message) Webhook(at time.Time) ([]byte, error) {
	if err := m.check(slices.Concat(Kinds, MetaKinds)); err != nil {
		return nil, err
	}
	from := m.From.known()
	message := object{"id": orElse(m.ID, NewMessageID(from.Phone)), "timestamp": seconds(at), "type": m.Kind}
	setText(message, "from", from.Phone)
	contacts := from.contacts()
	if m.Kind == "system" {
		contacts = nil
	} else {
		message["from_user_id"] = from.BSUID
	}
	if context := m.metaContext(); context != nil {
		message["context"] = context
	}
	if r := m.Referral; r != nil {
		referral := object{"source_type": r.Type, "source_url": r.URL}
		for name, text := range map[string]string{"source_id": r.SourceID, "headline": r.Headline, "body": r.Body, "ctwa_clid": r.ClickID} {
			setText(referral, name, text)
		}
		message["referral"] = referral
	}
	if m.Kind == "unsupported" {
		message["errors"] = []object{metaError("131051", "Message type unknown", "Message type is currently not supported.")}
	}
	if content := m.metaContent(from, at); content != nil {
		message[m.Kind] = content
	}
	return webhook("messages", "messages", message, contacts, m.To)
}

// metaContext returns the context, nil if there is none. A forwarded message
// does not name another one.
func (m Message) metaContext() object {
	switch {
	case m.Forwarded == "once":
		return object{"forwarded": true}
	case m.Forwarded == "often":
		return object{"frequently_forwarded": true}
	case m.ReplyTo != "":
		return object{"from": metaPhoneNumber, "id": m.ReplyTo}
	}
	return nil
}

// metaContent returns the content, which is in the field with the name of the
// kind; nil if the kind has none.
func (m Message) metaContent(from Person, at time.Time) any {
	switch m.Kind {
	case "text":
		return object{"body": m.Text}
	case "image", "video", "audio", "document", "sticker":
		return m.metaMedia()
	case "button":
		return object{"text": m.Button.Text, "payload": orElse(m.Button.Payload, m.Button.Text)}
	case "interactive":
		return m.metaInteractive(at)
	case "reaction":
		reaction := object{"message_id": m.Reaction.MessageID}
		setText(reaction, "emoji", m.Reaction.Emoji)
		return reaction
	case "location":
		location := object{"latitude": m.Location.Latitude, "longitude": m.Location.Longitude}
		for name, text := range map[string]string{"name": m.Location.Name, "address": m.Location.Address, "url": m.Location.URL} {
			setText(location, name, text)
		}
		return location
	case "contacts":
		var contacts []object
		for _, c := range m.Contacts {
			contact := object{"name": object{"formatted_name": c.Name, "first_name": c.Name}}
			if c.Phone != "" {
				contact["phones"] = []object{{"phone": "+" + c.Phone, "wa_id": c.Phone, "type": "CELL"}}
			}
			contacts = append(contacts, contact)
		}
		return contacts
	case "order":
		var items []object
		for _, i := range m.Order.Items {
			items = append(items, object{"product_retailer_id": i.ProductID, "quantity": i.Quantity, "item_price": i.Price, "currency": orElse(i.Currency, "USD")})
		}
		order := object{"catalog_id": orElse(m.Order.CatalogID, "194836987003835"), "product_items": items}
		setText(order, "text", m.Text)
		return order
	case "system":
		return metaSystem(from, *m.NewIdentity)
	case "edit":
		return object{"original_message_id": m.Target, "message": object{"type": "text", "text": object{"body": m.Text}}}
	case "revoke":
		return object{"original_message_id": m.Target}
	case "unsupported":
		return object{"type": orElse(m.Unsupported, "unknown")}
	}
	return nil
}

func (m Message) metaMedia() object {
	described := m.media() // as ACS describes it
	hash := sha256.Sum256([]byte(described.ID))
	media := object{
		"mime_type": described.MimeType,
		"sha256":    base64.StdEncoding.EncodeToString(hash[:]),
		"id":        newNumber(),
	}
	if m.Media != nil {
		setText(media, "id", m.Media.ID)
		setText(media, "sha256", m.Media.SHA256)
	}
	setText(media, "caption", m.Text)
	setText(media, "filename", described.FileName)
	switch m.Kind {
	case "audio":
		media["voice"] = m.Media != nil && m.Media.Voice
	case "sticker":
		media["animated"] = *described.Animated
	}
	return media
}

func (m Message) metaInteractive(at time.Time) object {
	var name string
	var reply object
	switch {
	case m.Flow != nil:
		name, reply = "nfm_reply", object{"name": "flow", "body": orElse(m.Text, "Sent"), "response_json": m.Flow.Response}
		if m.Flow.Address {
			reply["name"] = "address_message"
		}
	case m.Permission != "":
		name, reply = "call_permission_reply", object{"response": m.Permission, "response_source": "user_action"}
		if m.Permission == "accept" {
			reply["is_permanent"] = false
			reply["expiration_timestamp"] = at.Add(7 * 24 * time.Hour).Unix()
		}
	default:
		name, reply = "button_reply", object{"id": m.Choice.ID, "title": m.Choice.Title}
		if m.Choice.List {
			name = "list_reply"
			setText(reply, "description", m.Choice.Description)
		}
	}
	return object{"type": name, name: reply}
}

// metaSystem returns the change of a person's number or id.
func metaSystem(before, after Person) object {
	if after.Phone != "" {
		return object{
			"type": "user_changed_number", "wa_id": after.Phone,
			"body": fmt.Sprintf("%s changed from %s to %s", before.Name, before.Phone, after.Phone),
		}
	}
	system := object{"type": "user_changed_user_id", "user_id": after.BSUID, "body": "User ID changed"}
	setText(system, "wa_id", before.Phone)
	return system
}
