package meta

import (
	"encoding/json/jsontext"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// shared is what the updates in one value have in common.
type shared struct {
	metadata lenient.Value
	contacts []contact
	// single means that the value has one update and one contact, which then
	// belong together.
	single bool
}

// contact is an element of contacts: the profile of a person.
type contact struct {
	phone, bsuid string
	value        lenient.Value
}

func (s *splitter) shared(value *lenient.Fields, single bool) shared {
	common := shared{metadata: value.Get("metadata")}
	for element := range value.Get("contacts").Elements() {
		fields := element.Fields()
		kept := element
		if !s.keepNames {
			kept = withoutProfile(element)
		}
		common.contacts = append(common.contacts, contact{text(fields.Get("wa_id")), text(fields.Get("user_id")), kept})
	}
	common.single = single && len(common.contacts) == 1
	return common
}

// contact returns the contact of a person, or "". Phone numbers may differ: in some
// countries the contact has a number that the message has in another form.
func (s *shared) contact(phone, bsuid string) lenient.Value {
	for _, c := range s.contacts {
		if bsuid != "" && c.bsuid == bsuid || phone != "" && c.phone == phone || s.single {
			return c.value
		}
	}
	return ""
}

// withoutNames removes the names from the profiles in the value of a field.
func withoutNames(value lenient.Value) lenient.Value {
	contacts := lenient.Value("")
	for name, member := range value.Members() {
		if strings.EqualFold(name, "contacts") {
			contacts = member
		}
	}
	if contacts.Kind() != jsontext.KindBeginArray {
		return value
	}
	array := []byte{'['}
	for element := range contacts.Elements() {
		if len(array) > 1 {
			array = append(array, ',')
		}
		array = append(array, withoutProfile(element)...)
	}
	rest := without(value, "contacts")
	object := append([]byte(nil), rest[:len(rest)-1]...)
	if len(object) > 1 {
		object = append(object, ',')
	}
	object = append(append(append(object, `"contacts":`...), array...), `]}`...)
	return lenient.Value(object)
}

// withoutProfile removes the names of a person from a contact.
func withoutProfile(contact lenient.Value) lenient.Value {
	return without(contact, "profile", "username")
}

// without returns an object without the fields of these names, in any case.
func without(object lenient.Value, names ...string) lenient.Value {
	removed := func(name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	}
	if object.Kind() != jsontext.KindBeginObject {
		return object
	}
	kept := []byte{'{'}
	for name, value := range object.Members() {
		if removed(name) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(append(appendQuote(kept, name), ':'), value...)
	}
	return lenient.Value(append(kept, '}'))
}
