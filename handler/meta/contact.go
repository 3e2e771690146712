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
	// single means that the value has one contact, and all its updates are of one
	// person: they belong together.
	single bool
}

// contact is an element of contacts: the profile of a person.
type contact struct {
	phone, bsuid string
	value        lenient.Value
}

// shared reads what updates of a value have in common. The updates are in lists, and
// the person of each is in two fields.
func (s *splitter) shared(value *lenient.Fields, lists ...list) shared {
	common := shared{metadata: value.Get("metadata")}
	for element := range value.Get("contacts").Elements() {
		fields := element.Fields()
		kept := element
		if !s.keepNames {
			kept = withoutProfile(element)
		}
		common.contacts = append(common.contacts, contact{text(fields.Get("wa_id")), text(fields.Get("user_id")), kept})
	}
	common.single = len(common.contacts) == 1 && ofOnePerson(lists)
	return common
}

// list is a list of updates, and the fields with the phone number and the BSUID of
// the person of each.
type list struct {
	updates      lenient.Value
	phone, bsuid string
}

// ofOnePerson reports whether all updates are of the same person.
func ofOnePerson(lists []list) bool {
	var first [2]string
	known := false
	for _, list := range lists {
		for update := range list.updates.Elements() {
			fields := update.Fields()
			person := [2]string{text(fields.Get(list.phone)), text(fields.Get(list.bsuid))}
			if known && person != first {
				return false
			}
			first, known = person, true
		}
	}
	return known
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
	return change(value, func(name string, contacts lenient.Value) lenient.Value {
		if !strings.EqualFold(name, "contacts") || contacts.Kind() != jsontext.KindBeginArray {
			return contacts
		}
		array := []byte{'['}
		for element := range contacts.Elements() {
			if len(array) > 1 {
				array = append(array, ',')
			}
			array = append(array, withoutProfile(element)...)
		}
		return lenient.Value(append(array, ']'))
	})
}

// withoutNotice removes the text of a notice from a message: it starts with the name
// of the person whose identity has changed.
func withoutNotice(message lenient.Value) lenient.Value {
	return change(message, func(name string, value lenient.Value) lenient.Value {
		if strings.EqualFold(name, "system") {
			return without(value, "body")
		}
		return value
	})
}

// withoutProfile removes the names of a person from a contact.
func withoutProfile(contact lenient.Value) lenient.Value {
	return without(contact, "profile", "username")
}

// without returns an object without the fields of these names, in any case.
func without(object lenient.Value, names ...string) lenient.Value {
	return change(object, func(name string, value lenient.Value) lenient.Value {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return ""
		}
		return value
	})
}

// change returns an object with other values of its fields. A field whose value
// becomes "" is removed.
func change(object lenient.Value, field func(name string, value lenient.Value) lenient.Value) lenient.Value {
	if object.Kind() != jsontext.KindBeginObject {
		return object
	}
	changed := []byte{'{'}
	for name, value := range object.Members() {
		if value = field(name, value); value == "" {
			continue
		}
		if len(changed) > 1 {
			changed = append(changed, ',')
		}
		changed = append(append(appendQuote(changed, name), ':'), value...)
	}
	return lenient.Value(append(changed, '}'))
}
