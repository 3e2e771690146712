package lenient

import "strings"

// Fields are the fields of an object in their order, repeated names included.
type Fields struct {
	// first are the fields of an object of usual size. They need no allocation.
	first  [16]field
	number int
	more   []field
}

type field struct {
	name  string
	value Value
}

// Fields returns the fields of an object, and none of any other value.
func (v Value) Fields() (f Fields) {
	for name, value := range v.Members() {
		if f.number < len(f.first) {
			f.first[f.number] = field{name, value}
			f.number++
		} else {
			f.more = append(f.more, field{name, value})
		}
	}
	return f
}

// Len returns the number of fields.
func (f *Fields) Len() int { return f.number + len(f.more) }

// Get returns the value of the field with this name. If no field has exactly
// this name, it returns that of a field whose name differs in upper and lower
// case only; if there is none, "". Of several fields the last one wins.
func (f *Fields) Get(name string) Value {
	var exact, otherCase Value
	for _, fields := range [...][]field{f.first[:f.number], f.more} {
		for i := range fields {
			switch {
			case len(fields[i].name) != len(name):
			case fields[i].name == name:
				exact = fields[i].value
			case strings.EqualFold(fields[i].name, name):
				otherCase = fields[i].value
			}
		}
	}
	if exact != "" {
		return exact
	}
	return otherCase
}
