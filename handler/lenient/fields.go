package lenient

import (
	"encoding/json/jsontext"
	"strings"
)

// Fields are the fields of an object in their order, repeated names included.
type Fields []field

type field struct {
	name  string
	value Value
}

// Fields returns the fields of an object, and none of any other value.
func (v Value) Fields() Fields {
	if v.Kind() != jsontext.KindBeginObject {
		return nil
	}
	var few [16]field // most objects have fewer fields: one allocation
	fields := few[:0]
	for name, value := range v.Members() {
		fields = append(fields, field{name, value})
	}
	return fields
}

// Get returns the value of the field with this name. If no field has exactly
// this name, it returns that of a field whose name differs in upper and lower
// case only; if there is none, "". Of several fields the last one wins.
func (f Fields) Get(name string) Value {
	var otherCase Value
	for i := len(f) - 1; i >= 0; i-- {
		switch {
		case len(f[i].name) != len(name):
		case f[i].name == name:
			return f[i].value
		case otherCase == "" && strings.EqualFold(f[i].name, name):
			otherCase = f[i].value
		}
	}
	return otherCase
}
