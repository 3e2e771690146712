// Package dotnet reads and writes JSON as Newtonsoft.Json does, the library of
// the Functions host. It reads more than JSON, turns strings into dates, and
// writes numbers in its own form, so what passes through the host changes.
package dotnet

import (
	"strconv"
	"strings"
)

// Value is a JSON value as Newtonsoft.Json's JToken holds it. The zero Value
// is null.
type Value struct {
	Kind Kind
	// Text is a String's content, or an Integer's digits.
	Text   string
	Float  float64
	Bool   bool
	Date   Date
	Items  []Value // of an Array
	Fields []Field // of an Object, in order, each name once
}

// Field is a field of an object.
type Field struct {
	Name  string
	Value Value
}

// Kind is a value's type.
type Kind uint8

// The kinds of values. An Integer has any number of digits. A String becomes a
// Date if [Options].Dates is set. Undefined is JavaScript's word; it is not JSON.
const (
	KindNull Kind = iota
	KindUndefined
	KindBool
	KindInteger
	KindFloat
	KindString
	KindDate
	KindArray
	KindObject
)

// NewString returns a string.
func NewString(text string) Value {
	return Value{Kind: KindString, Text: text}
}

// NewInteger returns an integer.
func NewInteger(number int) Value {
	return Value{Kind: KindInteger, Text: strconv.Itoa(number)}
}

// NewArray returns an array.
func NewArray(items ...Value) Value {
	return Value{Kind: KindArray, Items: items}
}

// NewObject returns an object.
func NewObject(fields ...Field) Value {
	return Value{Kind: KindObject, Fields: fields}
}

// Get returns the field of exactly this name, and whether there is one.
func (v Value) Get(name string) (Value, bool) {
	return v.find(func(field string) bool { return field == name })
}

// Fold returns the field of this name in any case, as .NET binds options. An
// exact match comes first.
func (v Value) Fold(name string) (Value, bool) {
	if exact, ok := v.Get(name); ok {
		return exact, true
	}
	return v.find(func(field string) bool { return strings.EqualFold(field, name) })
}

func (v Value) find(matches func(name string) bool) (Value, bool) {
	for _, field := range v.Fields {
		if matches(field.Name) {
			return field.Value, true
		}
	}
	return Value{}, false
}
