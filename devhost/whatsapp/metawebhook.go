package whatsapp

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json/v2"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
	"unicode/utf16"
)

// The ids of the business in webhooks of Meta.
const (
	metaAccount     = "102290129340398"
	metaPhoneID     = "106540352242922"
	metaPhoneNumber = "15550783881"
)

// object is a JSON object.
type object = map[string]any

// webhook returns the body of a webhook about one update: a field of the account
// with the items of list, and the person that they are about.
func webhook(field, list string, item object, contacts []object, phoneID string) ([]byte, error) {
	value := object{
		"messaging_product": "whatsapp",
		"metadata":          object{"display_phone_number": metaPhoneNumber, "phone_number_id": orElse(phoneID, metaPhoneID)},
		list:                []object{item},
	}
	if contacts != nil {
		value["contacts"] = contacts
	}
	text, err := json.Marshal(object{
		"object": "whatsapp_business_account",
		"entry":  []object{{"id": metaAccount, "changes": []object{{"field": field, "value": value}}}},
	}, json.Deterministic(true))
	return escape(text), err
}

// escape returns JSON as Meta writes it: in ASCII, with \/ for each slash.
func escape(text []byte) []byte {
	var escaped []byte
	for _, r := range string(text) {
		switch {
		case r == '/':
			escaped = append(escaped, `\/`...)
		case r < 0x80:
			escaped = append(escaped, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				escaped = fmt.Appendf(escaped, `\u%04x`, unit)
			}
		}
	}
	return escaped
}

// known returns the person as Meta knows a person: with a business-scoped id and
// a name.
func (p Person) known() Person {
	p = p.orNobody()
	if p.BSUID == "" {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(p.Phone))
		p.BSUID = fmt.Sprintf("US.%020d", hash.Sum64())
	}
	p.Name = orElse(p.Name, "Ada Example")
	return p
}

// contacts are the contacts in a webhook about the person.
func (p Person) contacts() []object {
	profile := object{"name": p.Name}
	setText(profile, "username", p.Username)
	contact := object{"profile": profile, "user_id": p.BSUID}
	setText(contact, "wa_id", p.Phone)
	return []object{contact}
}

// setText sets a field unless the text is empty.
func setText(o object, name, text string) {
	if text != "" {
		o[name] = text
	}
}

// NewMessageID returns an id as Meta makes one: base64 of the person's number and
// a random part.
func NewMessageID(phone string) string {
	random := make([]byte, 10)
	_, _ = rand.Read(random)
	phone = orElse(phone, Phone)
	id := append([]byte{0x1c, 0x18, byte(len(phone))}, phone...)
	id = append(id, 0x15, 0x02, 0x00, 0x12, 0x18, 0x14)
	id = fmt.Appendf(id, "%X\x00", random)
	return "wamid." + base64.StdEncoding.EncodeToString(id)
}

// newNumber returns an id of digits, as those of media are.
func newNumber() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	n := uint64(0)
	for _, b := range random {
		n = n<<8 | uint64(b)
	}
	return strconv.FormatUint(1e15+n%9e15, 10)
}

// seconds returns a time as Meta writes it.
func seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
