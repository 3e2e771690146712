package lenient

import (
	"encoding/json/jsontext"
	"iter"
	"strings"
)

// Value is one JSON value as it is written, without the space around it: what
// [Parse] returns, and the parts of that. Being a string it never changes, so
// whatever is read out of it may share its memory and be kept.
//
// That a Value is whole was made sure of when it was parsed. Its methods rely
// on it: to find the parts again takes a fraction of the time.
type Value string

// Kind is what sort of value it is; [jsontext.KindInvalid] of "".
func (v Value) Kind() jsontext.Kind {
	if v == "" {
		return jsontext.KindInvalid
	}
	switch c := v[0]; c {
	case '"', '{', '[', 't', 'f', 'n':
		return jsontext.Kind(c)
	default:
		return jsontext.KindNumber
	}
}

// Members yields the names and values of an object in their order, repeated
// names too; of any other value it yields nothing.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != jsontext.KindBeginObject {
			return
		}
		for at := next(v, 1); v[at] != '}'; at = next(v, at) {
			end := skipString(v, at)
			name := v[at:end].unquoted()
			at = next(v, end)
			end = skip(v, at)
			if !yield(name, v[at:end]) {
				return
			}
			at = end
		}
	}
}

// Elements yields the elements of an array; of any other value it yields
// nothing.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != jsontext.KindBeginArray {
			return
		}
		for at := next(v, 1); v[at] != ']'; at = next(v, at) {
			end := skip(v, at)
			if !yield(v[at:end]) {
				return
			}
			at = end
		}
	}
}

// Depth is how deep objects and arrays are nested: 0 for a scalar.
func (v Value) Depth() int {
	depth, deepest := 0, 0
	for at := 0; at < len(v); at++ {
		switch v[at] {
		case '"':
			at = skipString(v, at) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// next is where the next name, value or end is: behind space and the one comma
// or colon that may be there.
func next(v Value, at int) int {
	for {
		switch v[at] {
		case ' ', '\t', '\r', '\n', ',', ':':
			at++
		default:
			return at
		}
	}
}

// skip is where the value ends that starts at the place.
func skip(v Value, at int) int {
	switch v[at] {
	case '"':
		return skipString(v, at)
	case '{', '[':
		return skipNested(v, at)
	default:
		return skipScalar(v, at)
	}
}

func skipScalar(v Value, at int) int {
	for ; at < len(v); at++ {
		switch v[at] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return at
		}
	}
	return at
}

func skipNested(v Value, at int) int {
	for depth := 0; ; at++ {
		switch v[at] {
		case '"':
			at = skipString(v, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
}

// skipString is where the string ends that starts at the place: behind the
// first quote with an even number of backslashes ahead of it.
func skipString(v Value, start int) int {
	at := start + 1
	for {
		at += strings.IndexByte(string(v[at:]), '"')
		escaped := false
		for back := at - 1; v[back] == '\\'; back-- {
			escaped = !escaped
		}
		at++
		if !escaped {
			return at
		}
	}
}
