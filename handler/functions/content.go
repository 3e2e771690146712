package functions

import (
	"strings"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

// contentData writes the content of the kinds of messages that not every provider
// has.
func contentData(to *quoted.Text, m *conversation.Message) {
	if m.Location != nil {
		to.Object("location", func() {
			to.Number("latitude", m.Location.Latitude)
			to.Number("longitude", m.Location.Longitude)
			to.String("name", m.Location.Name)
			to.String("address", m.Location.Address)
			to.String("url", m.Location.URL)
		})
	}
	if len(m.Contacts) > 0 {
		to.Objects("contacts", len(m.Contacts), func(i int) { contactData(to, &m.Contacts[i]) })
	}
	if m.Order != nil {
		to.Object("order", func() { orderData(to, m.Order) })
	}
	if m.System != nil {
		to.Object("system", func() {
			to.String("type", m.System.Type)
			to.String("text", m.System.Text)
			to.String("phone", m.System.Phone)
			to.String("bsuid", m.System.BSUID)
		})
	}
	if m.Unsupported != "" {
		to.Object("unsupported", func() { to.String("type", m.Unsupported) })
	}
	targetData(to, "edit", m.Edit)
	targetData(to, "revoke", m.Revoke)
	if m.Referral != nil {
		to.Object("referral", func() {
			to.String("sourceType", m.Referral.SourceType)
			to.String("sourceId", m.Referral.SourceID)
			to.String("sourceUrl", m.Referral.SourceURL)
			to.String("headline", m.Referral.Headline)
			to.String("body", m.Referral.Body)
			to.String("clickId", m.Referral.ClickID)
		})
	}
	if m.Group != nil {
		to.Object("group", func() { to.String("id", m.Group.ID) })
	}
}

func contactData(to *quoted.Text, c *conversation.Contact) {
	to.String("name", c.Name)
	if len(c.Phones) > 0 {
		to.Strings("phones", c.Phones)
	}
	if len(c.Emails) > 0 {
		to.Strings("emails", c.Emails)
	}
}

func orderData(to *quoted.Text, o *conversation.Order) {
	to.String("catalogId", o.CatalogID)
	to.String("text", o.Text)
	to.Objects("items", len(o.Items), func(i int) {
		item := &o.Items[i]
		to.String("productId", item.ProductID)
		optionalNumber(to, "quantity", item.Quantity)
		optionalNumber(to, "price", item.Price)
		to.String("currency", item.Currency)
	})
}

func targetData(to *quoted.Text, name string, t *conversation.Target) {
	if t != nil {
		to.Object(name, func() { to.String("messageId", t.MessageID) })
	}
}

// contentColumns adds the columns of the same content.
func contentColumns(r *record.Row, m *conversation.Message) {
	if m.Location != nil {
		r.Float("Latitude", m.Location.Latitude)
		r.Float("Longitude", m.Location.Longitude)
		r.TextCut("PlaceName", m.Location.Name)
	}
	var names []string
	for _, contact := range m.Contacts {
		if contact.Name != "" {
			names = append(names, contact.Name)
		}
	}
	r.TextCut("ContactNames", strings.Join(names, ", "))
	if m.System != nil {
		r.Text("SystemType", m.System.Type)
	}
	for _, target := range [...]*conversation.Target{m.Edit, m.Revoke} {
		if target != nil {
			r.Text("TargetMessageId", target.MessageID)
		}
	}
	if m.Referral != nil {
		r.Text("ReferralSourceId", m.Referral.SourceID)
		r.Text("ReferralClickId", m.Referral.ClickID)
	}
	if m.Group != nil {
		r.Text("GroupId", m.Group.ID)
	}
}
