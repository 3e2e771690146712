package bridge

import (
	"encoding/json/jsontext"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntries(t *testing.T) {
	for name, test := range map[string]struct {
		value string
		want  []string // an event as it is, a text behind "text: "
	}{
		"an object":                        {`{"a": 1}`, []string{`{"a": 1}`}},
		"an array":                         {`[{"a":1},{"a":2}]`, []string{`{"a":1}`, `{"a":2}`}},
		"an empty array":                   {`[]`, nil},
		"a text that holds an object":      {`"{\"a\":\"\\u00e9\"}"`, []string{`{"a":"\u00e9"}`}},
		"a text that holds an array":       {`"[{\"a\":1},{\"a\":2}]"`, []string{`{"a":1}`, `{"a":2}`}},
		"a text that holds such a text":    {`"\"[{\\\"a\\\":1}]\""`, []string{`{"a":1}`}},
		"an array of texts":                {`["{\"a\":1}","{\"a\":2}"]`, []string{`{"a":1}`, `{"a":2}`}},
		"a text with a byte order mark":    {`"\uFEFF[{}]"`, []string{`{}`}},
		"an array with space":              {`" [ {} , {} ] "`, []string{`{}`, `{}`}},
		"a name twice, half a character":   {`"[{\"a\":1,\"a\":\"\\ud800\"}]"`, []string{`{"a":1,"a":"\ud800"}`}},
		"a text that is no JSON":           {`"hello"`, []string{"text: hello"}},
		"a text cut short":                 {`"[{\"a\":1"`, []string{`text: [{"a":1`}},
		"an empty text":                    {`""`, []string{"text: "}},
		"null":                             {`null`, []string{"text: null"}},
		"a text that holds null":           {`"null"`, []string{"text: null"}},
		"a number":                         {`7`, []string{"text: 7"}},
		"one bad element among good ones":  {`[{"a":1},null,7,"x",[{}],{"a":2}]`, []string{`{"a":1}`, "text: null", "text: 7", "text: x", "text: [{}]", `{"a":2}`}},
		"an array in an array is no batch": {`[[{}]]`, []string{"text: [{}]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for e := range new(memory).entries(jsontext.Value(test.value)) {
				if e.event != "" {
					got = append(got, string(e.event))
				} else {
					got = append(got, "text: "+string(e.text))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever comes, it is one entry at least, or an empty array: nothing
// disappears.
func FuzzEntries(f *testing.F) {
	for _, value := range []string{`{}`, `[]`, `[{}]`, `"[{}]"`, `"\"[{}]\""`, `[["{}"]]`, `"\ud800"`, `null`, `"\uFEFF\"\""`} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m := new(memory)
		value, err := m.triggerValue([]byte(`{"Data":{"t":`+string(text)+`}}`), "t")
		if err != nil {
			return
		}
		all := slices.Collect(m.entries(value))
		if len(all) == 0 && !strings.Contains(string(text), "[") {
			t.Errorf("%s: nothing", text)
		}
		for _, e := range all {
			if e.event != "" && (!jsontext.Value(e.event).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) || e.event.Kind() != jsontext.KindBeginObject) {
				t.Errorf("%s: an event that is no object: %s", text, e.event)
			}
		}
	})
}

func TestTriggerValue(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"as the host writes it":     {`{"Data":{"t":{"a":1}},"Metadata":{"data":{"a":1},"sys":{}}}`, `{"a":1}`},
		"in another order":          {`{"Metadata":{"Data":{"t":0}},"Data":{"other":[1],"t":{"a":1}}}`, `{"a":1}`},
		"twice: the last":           {`{"Data":{"t":1,"t":2}}`, `2`},
		"null is a value":           {`{"Data":{"t":null}}`, `null`},
		"names that are written so": {`{"D\u0061ta":{"\u0074":1}}`, `1`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := new(memory).triggerValue([]byte(test.body), "t")
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestTriggerValueRefuses(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                        {``, "the body is not JSON at byte 0"},
		"no JSON":                        {`hello`, "the body is not JSON at byte 0"},
		"cut short ahead of the trigger": {`{"Data":{"t":{"a":`, "the body is not JSON at byte 12"},
		"cut short behind the trigger":   {`{"Data":{"t":{"a":1}},"Metadata":{"sy`, "the body is not JSON at byte 34"},
		"cut short at the very end":      {`{"Data":{"t":{"a":1}}`, "the body is not JSON at byte 21"},
		"something behind it":            {`{"Data":{"t":{"a":1}}}{`, "the body is not JSON at byte 23"},
		"no object":                      {`[1]`, "the body has no value for the trigger"},
		"no Data":                        {`{"data":{"t":1}}`, "the body has no value for the trigger"},
		"Data that is no object":         {`{"Data":"t"}`, "the body has no value for the trigger"},
		"another trigger":                {`{"Data":{"T":1}}`, "the body has no value for the trigger"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := new(memory).triggerValue([]byte(test.body), "t")
			if err == nil || err.Error() != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}
