package dotnet

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Options configure [Read].
type Options struct {
	// Dates turns strings that look like dates into dates.
	Dates bool
	// Rest ignores everything after the value.
	Rest bool
	// Depth is the deepest nesting allowed; 0 means the usual 64.
	Depth int
}

const usualDepth = 64

// Read parses one value as leniently as JsonTextReader: it takes single quotes,
// unquoted names, comments and trailing commas. Of a repeated field the last
// value counts, at the position of the first.
func Read(text []byte, options Options) (Value, error) {
	r := reader{text: strings.TrimPrefix(DecodeUTF8(text), "\uFEFF"), options: options}
	r.options.Depth = cmp.Or(options.Depth, usualDepth)
	r.skipSpace()
	if r.err == nil && r.end() {
		return Value{}, errors.New("no JSON at all")
	}
	v := r.value()
	if !options.Rest {
		r.skipSpace()
		if !r.end() {
			r.expected("the end")
		}
	}
	if r.err != nil {
		return Value{}, r.err
	}
	return v, nil
}

// reader parses a text. After an error it is at the end of the text, so every
// loop stops; callers need not look at err in between.
type reader struct {
	text    string
	at      int
	depth   int
	options Options
	err     error
}

func (r *reader) end() bool { return r.at >= len(r.text) }

// peek returns the next byte, or 0 at the end.
func (r *reader) peek() byte {
	if r.end() {
		return 0
	}
	return r.text[r.at]
}

// take skips a byte if it comes next.
func (r *reader) take(c byte) bool {
	if r.end() || r.text[r.at] != c {
		return false
	}
	r.at++
	return true
}

// fail keeps the first error and moves to the end.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	r.at = len(r.text)
}

// expected fails with the position, and quotes one character at most: the text
// may be private.
func (r *reader) expected(what string) {
	before := r.text[:min(r.at, len(r.text))]
	line := 1 + strings.Count(before, "\n")
	if r.end() {
		r.fail("line %d: unexpected end, expected %s", line, what)
		return
	}
	column := len(before) - strings.LastIndexByte(before, '\n')
	c, _ := utf8.DecodeRuneInString(r.text[r.at:])
	r.fail("line %d, column %d: unexpected %q, expected %s", line, column, c, what)
}

// skipSpace skips white space and comments.
func (r *reader) skipSpace() {
	for !r.end() {
		rest := r.text[r.at:]
		c, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(c):
			r.at += size
		case strings.HasPrefix(rest, "//"):
			length := strings.IndexAny(rest, "\r\n")
			if length < 0 {
				length = len(rest)
			}
			r.at += length
		case strings.HasPrefix(rest, "/*"):
			length := strings.Index(rest, "*/")
			if length < 0 {
				r.at = len(r.text)
				r.expected("the end of a comment")
				return
			}
			r.at += length + len("*/")
		default:
			return
		}
	}
}

// words are the values that are written as a word.
var words = []struct {
	text  string
	value Value
}{
	{"null", Value{}},
	{"true", Value{Kind: KindBool, Bool: true}},
	{"false", Value{Kind: KindBool}},
	{"undefined", Value{Kind: KindUndefined}},
	{"NaN", Value{Kind: KindFloat, Float: math.NaN()}},
	{"Infinity", Value{Kind: KindFloat, Float: math.Inf(1)}},
	{"-Infinity", Value{Kind: KindFloat, Float: math.Inf(-1)}},
}

func (r *reader) value() Value {
	for _, word := range words {
		if strings.HasPrefix(r.text[r.at:], word.text) {
			r.at += len(word.text)
			return word.value
		}
	}
	switch c := r.peek(); {
	case c == '{':
		return Value{Kind: KindObject, Fields: r.fields()}
	case c == '[':
		return Value{Kind: KindArray, Items: r.items()}
	case c == '"' || c == '\'':
		text := r.quoted()
		if r.options.Dates {
			if date, ok := parseDate(text); ok {
				return Value{Kind: KindDate, Date: date}
			}
		}
		return NewString(text)
	case c == '-' || c == '.' || '0' <= c && c <= '9':
		return r.number()
	default:
		r.expected("a value")
		return Value{}
	}
}

func (r *reader) fields() (fields []Field) {
	positions := map[string]int{}
	r.list('}', "a comma or the end of an object", func() {
		name := r.name()
		r.skipSpace()
		if !r.take(':') {
			r.expected("a colon")
		}
		r.skipSpace()
		field := Field{name, r.value()}
		if i, repeated := positions[name]; repeated {
			fields[i] = field
			return
		}
		positions[name] = len(fields)
		fields = append(fields, field)
	})
	return fields
}

func (r *reader) items() (items []Value) {
	r.list(']', "a comma or the end of an array", func() { items = append(items, r.value()) })
	return slices.Clip(items)
}

// list parses the elements of an object or array, and its two brackets. A comma
// before the closing one is allowed.
func (r *reader) list(closing byte, separator string, element func()) {
	r.at++
	r.depth++
	if r.depth > r.options.Depth {
		r.fail("nested deeper than %d", r.options.Depth)
	}
	for r.skipSpace(); r.err == nil && !r.take(closing); r.skipSpace() {
		element()
		r.skipSpace()
		if !r.take(',') && r.peek() != closing {
			r.expected(separator)
		}
	}
	r.depth--
}
