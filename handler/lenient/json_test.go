package lenient_test

import (
	"encoding/json/jsontext"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/lenient"
)

func TestClean(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"sound text stays":                  {`{"a":"é"}`, `{"a":"é"}`},
		"a byte order mark goes":            {"\uFEFF[]", "[]"},
		"each broken byte is one character": {"\"a\xff\xfeb\"", "\"a\uFFFD\uFFFDb\""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(lenient.Clean([]byte(test.text))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"space around the value":    {" \n[1, 2]\t", "[1, 2]"},
		"a name twice":              {`{"a":1,"a":2}`, `{"a":1,"a":2}`},
		"a lone surrogate":          {`"\ud800"`, `"\ud800"`},
		"deep, but not too deep":    {strings.Repeat("[", 9000) + strings.Repeat("]", 9000), strings.Repeat("[", 9000) + strings.Repeat("]", 9000)},
		"a number of many digits":   {"123456789012345678901234567890.50", "123456789012345678901234567890.50"},
		"null is a value as others": {"null", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lenient.Parse([]byte(test.text))
			if err != nil || string(got) != test.want {
				t.Errorf("got %.40s, %v; want %.40s", got, err, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		offset int64
	}{
		"nothing":                 {"", 0},
		"a value cut short":       {`{"secret":"4255550123`, 21},
		"two values":              {`{} {}`, 4},
		"a word that is no value": {"secret", 0},
		"too deep":                {strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lenient.Parse([]byte(test.text))
			got, ok := errors.AsType[lenient.SyntaxError](err)
			if !ok || got.Offset != test.offset {
				t.Errorf("got %v, want a syntax error at byte %d", err, test.offset)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "555") {
				t.Errorf("the error quotes the text: %v", err)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	for name, test := range map[string]struct {
		object string
		want   []string
	}{
		"in order, as written":  {`{ "b" : 1.10, "a" : {"x":[ ]} }`, []string{"b", "1.10", "a", `{"x":[ ]}`}},
		"a name twice":          {`{"a":1,"a":null}`, []string{"a", "1", "a", "null"}},
		"an escaped name":       {`{"\u0061\ud800":1}`, []string{"a\uFFFD", "1"}},
		"an empty object":       {`{}`, nil},
		"an array has none":     {`[1]`, nil},
		"null has none":         {`null`, nil},
		"no value at all, none": {``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for name, value := range lenient.Members(jsontext.Value(test.object)) {
				got = append(got, name, string(value))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestElements(t *testing.T) {
	for name, test := range map[string]struct {
		array string
		want  []string
	}{
		"in order, as written": {`[ 1 , {"a": [2]}, null ]`, []string{"1", `{"a": [2]}`, "null"}},
		"an empty array":       {`[]`, nil},
		"an object has none":   {`{"a":1}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for value := range lenient.Elements(jsontext.Value(test.array)) {
				got = append(got, string(value))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStoppingEarly(t *testing.T) {
	for range lenient.Members(jsontext.Value(`{"a":1,"b":2}`)) {
		break
	}
	for range lenient.Elements(jsontext.Value(`[1,2]`)) {
		break
	}
}
