package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/whatsapp"
)

// The providers of devhost send.
const (
	providerACS  = "acs"
	providerMeta = "meta"
)

// metaOptions are the flags for what only Meta publishes.
type metaOptions struct {
	voice, welcome        bool
	location, place       string
	contacts, products    []string
	form, address         string
	permission            string
	newPhone, newBSUID    string
	edit, revoke          string
	unsupported           string
	forwarded, advert     string
	preference            string
	profileName, username string
}

// metaKinds are the flags of which one says what Meta publishes.
var metaKinds = []string{"location", "contact", "form", "address", "call-permission", "product", "new-number", "new-bsuid", "edit", "revoke", "welcome", "unsupported", "preference"}

// metaWithoutText are those of metaKinds that have no text.
var metaWithoutText = slices.DeleteFunc(slices.Clone(metaKinds), func(kind string) bool {
	return slices.Contains([]string{"form", "address", "product", "edit"}, kind)
})

// metaDetails are the flags that add to another one.
var metaDetails = []string{"voice", "place", "forwarded", "advert", "name", "username"}

func (o *metaOptions) addTo(flags *pflag.FlagSet) {
	flags.BoolVar(&o.voice, "voice", false, "meta: the audio is a voice message")
	flags.StringVar(&o.location, "location", "", "meta: send a location, `latitude,longitude`")
	flags.StringVar(&o.place, "place", "", "meta: the `name` of the place at the location")
	flags.StringArrayVar(&o.contacts, "contact", nil, "meta: send a contact, `name=number`; may be repeated")
	flags.StringVar(&o.form, "form", "", "meta: answer a form (flow) with a `JSON` object")
	flags.StringVar(&o.address, "address", "", "meta: answer a request for an address with a `JSON` object")
	flags.StringVar(&o.permission, "call-permission", "", "meta: `accept` or reject calls")
	flags.StringArrayVar(&o.products, "product", nil, "meta: order a product, `id=quantity`; may be repeated")
	flags.StringVar(&o.newPhone, "new-number", "", "meta: change the phone number to this `number`")
	flags.StringVar(&o.newBSUID, "new-bsuid", "", "meta: change the business-scoped id to this `id`")
	flags.StringVar(&o.edit, "edit", "", "meta: change the text of the message with this `id` to --text")
	flags.StringVar(&o.revoke, "revoke", "", "meta: delete the message with this `id`")
	flags.BoolVar(&o.welcome, "welcome", false, "meta: open the chat for the first time")
	flags.StringVar(&o.unsupported, "unsupported", "", "meta: send a message of a `type` that Meta does not support, such as poll_creation")
	flags.StringVar(&o.preference, "preference", "", "meta: `stop` or resume marketing messages")
	flags.StringVar(&o.forwarded, "forwarded", "", "meta: the message is forwarded, `once` or often")
	flags.StringVar(&o.advert, "advert", "", "meta: the message follows an advertisement at this `address`")
	flags.StringVar(&o.profileName, "name", "", "meta: the WhatsApp user's profile `name`")
	flags.StringVar(&o.username, "username", "", "meta: the WhatsApp user's `username`")
}

// checkProvider refuses flags that a provider has no use for.
func checkProvider(flags *pflag.FlagSet, provider string) error {
	switch provider {
	case providerACS:
		for _, name := range slices.Concat(metaKinds, metaDetails) {
			if flags.Changed(name) && name == "address" {
				return errors.New("--address is the answer to a request for an address, and needs --provider meta: the address of devhost is --topic")
			} else if flags.Changed(name) {
				return fmt.Errorf("--%s needs --provider meta: Azure Communication Services does not publish it", name)
			}
		}
	case providerMeta:
		if flags.Changed("schema") {
			return errors.New("--schema has no effect with --provider meta: Meta has only one form")
		}
	default:
		return fmt.Errorf("--provider %s: write acs or meta", provider)
	}
	return nil
}

// webhook returns the body of the webhook that the flags describe.
func (o sendOptions) webhook(at time.Time) ([]byte, error) {
	m := o.meta
	o.person.Name, o.person.Username = m.profileName, m.username
	if m.preference != "" {
		return whatsapp.Preference{Person: o.person, Value: m.preference, To: o.channel}.Webhook(at)
	}
	if o.status.Status != "" {
		return o.describedStatus().Webhook(at)
	}
	message, err := o.described()
	if err != nil {
		return nil, err
	}
	if message.Media != nil {
		message.Media.Voice = m.voice
	}
	if err := m.describe(&message); err != nil {
		return nil, err
	}
	if message.Kind == "text" && message.Text == "" {
		return nil, errNothingToSend
	}
	return message.Webhook(at)
}

// describe adds what only Meta publishes to a message.
func (o metaOptions) describe(m *whatsapp.Message) (err error) {
	m.Forwarded = o.forwarded
	if o.advert != "" {
		m.Referral = &whatsapp.Referral{Type: "ad", URL: o.advert, Headline: "An advertisement"}
	}
	switch {
	case o.location != "":
		m.Kind = "location"
		m.Location, err = location(o.location, o.place)
	case len(o.contacts) > 0:
		m.Kind = "contacts"
		for _, contact := range o.contacts {
			name, phone, _ := strings.Cut(contact, "=")
			m.Contacts = append(m.Contacts, whatsapp.Contact{Name: name, Phone: strings.TrimPrefix(phone, "+")})
		}
	case o.form != "" || o.address != "":
		m.Kind, m.Flow = "interactive", &whatsapp.Flow{Address: o.address != "", Response: o.form + o.address}
	case o.permission != "":
		m.Kind, m.Permission = "interactive", o.permission
	case len(o.products) > 0:
		m.Kind = "order"
		m.Order, err = order(o.products)
	case o.newPhone != "" || o.newBSUID != "":
		m.Kind, m.NewIdentity = "system", &whatsapp.Person{Phone: o.newPhone, BSUID: o.newBSUID}
	case o.edit != "":
		m.Kind, m.Target = "edit", o.edit
	case o.revoke != "":
		m.Kind, m.Target = "revoke", o.revoke
	case o.welcome:
		m.Kind = "request_welcome"
	case o.unsupported != "":
		m.Kind, m.Unsupported = "unsupported", o.unsupported
	}
	return err
}

func location(text, place string) (*whatsapp.Location, error) {
	first, second, _ := strings.Cut(text, ",")
	latitude, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
	longitude, failure := strconv.ParseFloat(strings.TrimSpace(second), 64)
	if err != nil || failure != nil {
		return nil, fmt.Errorf("--location %s: write latitude,longitude, such as 44.53461,-110.83772", text)
	}
	return &whatsapp.Location{Latitude: latitude, Longitude: longitude, Name: place}, nil
}

func order(products []string) (*whatsapp.Order, error) {
	o := &whatsapp.Order{}
	for _, product := range products {
		id, quantity, _ := strings.Cut(product, "=")
		n, err := strconv.Atoi(quantity)
		if err != nil {
			return nil, fmt.Errorf("--product %s: write id=quantity, such as sku-1=2", product)
		}
		o.Items = append(o.Items, whatsapp.Item{ProductID: id, Quantity: n, Price: 10})
	}
	return o, nil
}

// publishAddress returns where a provider's events are published. The address of
// devhost is enough, with or without the path.
func publishAddress(topic, provider string) (string, error) {
	if !strings.Contains(topic, "://") {
		topic = "http://" + topic
	}
	address, err := url.Parse(topic)
	if err != nil || address.Host == "" {
		return "", usageError{fmt.Errorf("--topic %s: write an address such as %s", topic, topicAddress)}
	}
	switch strings.TrimSuffix(address.Path, "/") {
	case "", eventgrid.Path, eventgrid.MetaPath:
		address.Path = eventgrid.Path
		if provider == providerMeta {
			address.Path = eventgrid.MetaPath
		}
	}
	return address.String(), nil
}
