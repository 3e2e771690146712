package dotnet

import (
	"math"
	"strings"
)

// words are the values that are written as a word: those of JSON, and those
// of JavaScript that Newtonsoft.Json takes too.
var words = []struct {
	text  string
	value Value
}{
	{"null", Value{}},
	{"true", Value{Kind: KindBool, Bool: true}},
	{"false", Value{Kind: KindBool}},
	{"undefined", Value{}},
	{"NaN", Value{Kind: KindFloat, Float: math.NaN()}},
	{"Infinity", Value{Kind: KindFloat, Float: math.Inf(1)}},
	{"-Infinity", Value{Kind: KindFloat, Float: math.Inf(-1)}},
}

// word reads the values that are words.
func (r *reader) word() (Value, error) {
	for _, w := range words {
		if strings.HasPrefix(r.text[r.at:], w.text) {
			r.at += len(w.text)
			return w.value, nil
		}
	}
	return Value{}, r.unexpected("a value")
}
