package dotnet

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Options say how a text is read.
type Options struct {
	// Dates turns texts that look like dates into dates.
	Dates bool
	// Rest allows anything behind the value.
	Rest bool
	// Depth is how deep values may be nested; 0 means the usual 64.
	Depth int
}

const usualDepth = 64

// Read reads one value from text, as loosely as JsonTextReader: in single
// quotes, with names without quotes, with comments, with a comma too many. Of
// a repeated member the last value stays, in the place of the first.
func Read(text []byte, options Options) (Value, error) {
	if options.Depth == 0 {
		options.Depth = usualDepth
	}
	r := reader{text: strings.TrimPrefix(string(text), "\uFEFF"), options: options}
	if err := r.space(); err != nil {
		return Value{}, err
	}
	if r.end() {
		return Value{}, errors.New("no JSON at all")
	}
	v, err := r.value()
	if err != nil || options.Rest {
		return v, err
	}
	if err := r.space(); err != nil {
		return Value{}, err
	}
	if !r.end() {
		return Value{}, r.unexpected("the end")
	}
	return v, nil
}

type reader struct {
	text    string
	at      int
	depth   int
	options Options
}

func (r *reader) end() bool { return r.at >= len(r.text) }

// peek is the next character, or 0 at the end.
func (r *reader) peek() byte {
	if r.end() {
		return 0
	}
	return r.text[r.at]
}

// unexpected is the error for whatever stands here. It says what a person
// needs to find the place, and quotes one character at most.
func (r *reader) unexpected(wanted string) error {
	line := 1 + strings.Count(r.text[:min(r.at, len(r.text))], "\n")
	if r.end() {
		return fmt.Errorf("line %d: the text ends where %s should be", line, wanted)
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.at:])
	return fmt.Errorf("line %d, byte %d: found %q where %s should be", line, r.at, c, wanted)
}

// space skips white space and comments.
func (r *reader) space() error {
	for !r.end() {
		c, size := utf8.DecodeRuneInString(r.text[r.at:])
		rest := r.text[r.at:]
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
				return r.unexpected("the end of a comment")
			}
			r.at += length + len("*/")
		default:
			return nil
		}
	}
	return nil
}

func (r *reader) value() (Value, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"' || c == '\'':
		text, err := r.quoted()
		if err != nil {
			return Value{}, err
		}
		if r.options.Dates {
			if date, ok := parseDate(text); ok {
				return Value{Kind: KindDate, Date: date}, nil
			}
		}
		return NewString(text), nil
	case c == '-' || c == '.' || '0' <= c && c <= '9':
		return r.number()
	default:
		return r.word()
	}
}

func (r *reader) enter() error {
	r.at++
	r.depth++
	if r.depth > r.options.Depth {
		return fmt.Errorf("nested deeper than %d", r.options.Depth)
	}
	return r.space()
}

func (r *reader) leave() {
	r.at++
	r.depth--
}

func (r *reader) object() (Value, error) {
	object := Value{Kind: KindObject}
	places := map[string]int{}
	if err := r.enter(); err != nil {
		return Value{}, err
	}
	for r.peek() != '}' {
		name, err := r.name()
		if err != nil {
			return Value{}, err
		}
		value, err := r.member()
		if err != nil {
			return Value{}, err
		}
		if i, ok := places[name]; ok {
			object.Members[i].Value = value
		} else {
			places[name] = len(object.Members)
			object.Members = append(object.Members, Member{name, value})
		}
		if err := r.comma('}', "a comma or the end of an object"); err != nil {
			return Value{}, err
		}
	}
	r.leave()
	return object, nil
}

// member reads a colon and a value.
func (r *reader) member() (Value, error) {
	if err := r.space(); err != nil {
		return Value{}, err
	}
	if r.peek() != ':' {
		return Value{}, r.unexpected("a colon")
	}
	r.at++
	if err := r.space(); err != nil {
		return Value{}, err
	}
	return r.value()
}

// comma skips a comma, or stops ahead of the end. One comma ahead of the end
// is taken.
func (r *reader) comma(end byte, wanted string) error {
	if err := r.space(); err != nil {
		return err
	}
	switch r.peek() {
	case end:
		return nil
	case ',':
		r.at++
		return r.space()
	default:
		return r.unexpected(wanted)
	}
}

func (r *reader) array() (Value, error) {
	array := Value{Kind: KindArray}
	if err := r.enter(); err != nil {
		return Value{}, err
	}
	for r.peek() != ']' {
		value, err := r.value()
		if err != nil {
			return Value{}, err
		}
		array.Items = append(array.Items, value)
		if err := r.comma(']', "a comma or the end of an array"); err != nil {
			return Value{}, err
		}
	}
	r.leave()
	return array, nil
}
