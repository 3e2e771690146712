package meta

import "whatsapp-functions/handler/lenient"

// shared holds the fields of a value that apply to all its updates.
type shared struct {
	metadata lenient.Value
	contacts []contact
	// onePerson means that the value has one contact, and that all its updates are
	// about the same person.
	onePerson bool
}

// contact is an element of contacts: the profile of a person.
type contact struct {
	phone, bsuid string
	value        lenient.Value
}

// readShared reads the fields of a value that apply to the updates in lists.
func (s *splitter) readShared(value *lenient.Fields, lists ...updateList) shared {
	shared := shared{metadata: value.Get("metadata")}
	for element := range value.Get("contacts").Elements() {
		fields := element.Fields()
		if !s.keepNames {
			element = withoutProfile(element)
		}
		shared.contacts = append(shared.contacts, contact{text(fields.Get("wa_id")), text(fields.Get("user_id")), element})
	}
	shared.onePerson = len(shared.contacts) == 1 && samePerson(lists)
	return shared
}

// updateList is an array of updates.
type updateList struct {
	updates lenient.Value
	// phone and bsuid are the names of the fields that identify the person of an
	// update.
	phone, bsuid string
}

// samePerson reports whether all updates are about the same person.
func samePerson(lists []updateList) bool {
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

// contact returns the contact of a person, or "" if there is none. If the value is
// about one person, its contact needs no match: in some countries the phone number of
// the contact differs in form from that of the message.
func (s *shared) contact(phone, bsuid string) lenient.Value {
	for _, c := range s.contacts {
		if bsuid != "" && c.bsuid == bsuid || phone != "" && c.phone == phone || s.onePerson {
			return c.value
		}
	}
	return ""
}
