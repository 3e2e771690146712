// Package dotnet reads and writes JSON as Newtonsoft.Json does, the library of
// the Functions host: it takes far more than JSON, turns texts into dates, and
// writes numbers its own way. What passes through the host comes out changed,
// and these are the changes.
package dotnet

import (
	"strconv"
	"strings"
)

// Value is a JSON value as Newtonsoft.Json's JToken holds it. The zero Value
// is null.
type Value struct {
	Kind Kind
	// Text is a String's text, or an Integer's digits.
	Text string
	// Float is a Float's value.
	Float float64
	// Bool is a Bool's value.
	Bool bool
	// Date is a Date's value.
	Date Date
	// Items are an Array's elements.
	Items []Value
	// Members are an Object's members, in order, each name once.
	Members []Member
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value Value
}

// Kind is a value's type.
type Kind uint8

// The kinds of values. An Integer may be of any size. A Date is what a string
// becomes that is read with dates on.
const (
	KindNull Kind = iota
	KindBool
	KindInteger
	KindFloat
	KindString
	KindDate
	KindArray
	KindObject
)

// NewString is a value that is text.
func NewString(text string) Value {
	return Value{Kind: KindString, Text: text}
}

// NewInteger is a value that is a whole number.
func NewInteger(number int) Value {
	return Value{Kind: KindInteger, Text: strconv.Itoa(number)}
}

// NewArray is a value that is an array.
func NewArray(items ...Value) Value {
	return Value{Kind: KindArray, Items: items}
}

// NewObject is a value that is an object.
func NewObject(members ...Member) Value {
	return Value{Kind: KindObject, Members: members}
}

// Get returns an object's member, and whether it has it. Names are compared
// to the letter.
func (v Value) Get(name string) (Value, bool) {
	for _, m := range v.Members {
		if m.Name == name {
			return m.Value, true
		}
	}
	return Value{}, false
}

// Fold is Get for names in whatever case: how .NET binds options and fields.
// An exact match goes first.
func (v Value) Fold(name string) (Value, bool) {
	if exact, ok := v.Get(name); ok {
		return exact, true
	}
	for _, m := range v.Members {
		if strings.EqualFold(m.Name, name) {
			return m.Value, true
		}
	}
	return Value{}, false
}
