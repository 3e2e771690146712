package lenient_test

import (
	"errors"
	"strings"
	"testing"

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
		"nothing":                    {"", 0},
		"a value cut short":          {`{"secret":"4255550123`, 21},
		"two values":                 {`{} {}`, 4},
		"a word that is not a value": {"secret", 0},
		"too deep":                   {strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), 10_000},
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
