package lenient_test

import (
	"testing"

	"whatsapp-functions/handler/lenient"
)

func TestStripComments(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a line comment":                    {"{\"a\": 1} // all\n", "{\"a\": 1}       \n"},
		"a line comment at the end":         {`1//x`, `1   `},
		"a block comment":                   {`{/* "a" */"b":1}`, `{         "b":1}`},
		"a block comment over lines":        {"[1/*\n*/]", "[1     ]"},
		"trailing commas":                   {`{"a":[1,2, ],}`, `{"a":[1,2  ] }`},
		"a trailing comma before a comment": {"[1, // one\n]", "[1        \n]"},
		"commas between values stay":        {`[1,[],{},"",2]`, `[1,[],{},"",2]`},
		"strings stay":                      {`{"a":"// x /* y */ ,]","b":"\"//,}"}`, `{"a":"// x /* y */ ,]","b":"\"//,}"}`},
		"a URL":                             {`"https://example.com"`, `"https://example.com"`},
		"a slash stays":                     {`[/]`, `[/]`},
		"a comment without an end stays":    {`[1] /* x`, `[1] /* x`},
		"a string without an end stays":     {`["x//`, `["x//`},
	} {
		got := string(lenient.StripComments([]byte(test.text)))
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Text without comments and trailing commas, such as any JSON, stays the same, and
// offsets never change.
func FuzzStripComments(f *testing.F) {
	for _, text := range []string{`{"a":1}`, "[1,//x\n]", `"/*"`, `/`, `/*`, `{"a":"\"//"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		stripped := lenient.StripComments(text)
		if string(text) != before {
			t.Error("the argument was changed")
		}
		if len(stripped) != len(text) {
			t.Errorf("%d bytes of %d", len(stripped), len(text))
		}
		if _, err := lenient.Parse(text); err == nil && string(stripped) != before {
			t.Errorf("%q becomes %q", text, stripped)
		}
	})
}
