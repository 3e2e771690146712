package meta

import (
	"encoding/json/jsontext"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// withoutNames removes the names from the profiles in the value of a field.
func withoutNames(value lenient.Value) lenient.Value {
	return mapFields(value, func(name string, contacts lenient.Value) lenient.Value {
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

// withoutNotice removes the text of a system notice from a message, because it starts
// with the name of the person.
func withoutNotice(message lenient.Value) lenient.Value {
	return mapFields(message, func(name string, value lenient.Value) lenient.Value {
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

// without returns an object without the fields of these names, in any case of
// letters.
func without(object lenient.Value, names ...string) lenient.Value {
	return mapFields(object, func(name string, value lenient.Value) lenient.Value {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return ""
		}
		return value
	})
}

// mapFields returns an object in which each value is replaced by the result of
// replace. A field is removed if the result is "".
func mapFields(object lenient.Value, replace func(name string, value lenient.Value) lenient.Value) lenient.Value {
	if object.Kind() != jsontext.KindBeginObject {
		return object
	}
	mapped := []byte{'{'}
	for name, value := range object.Members() {
		if value = replace(name, value); value == "" {
			continue
		}
		if len(mapped) > 1 {
			mapped = append(mapped, ',')
		}
		mapped = append(append(appendQuote(mapped, name), ':'), value...)
	}
	return lenient.Value(append(mapped, '}'))
}
