package bridge

import (
	"encoding/json/jsontext"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEntries(t *testing.T) {
	for name, test := range map[string]struct {
		value string
		want  []string // events, and texts after "text: "
	}{
		"an object":                           {`{"a": 1}`, []string{`{"a": 1}`}},
		"an array":                            {`[{"a":1},{"a":2}]`, []string{`{"a":1}`, `{"a":2}`}},
		"an empty array":                      {`[]`, nil},
		"a string that holds an object":       {`"{\"a\":\"\\u00e9\"}"`, []string{`{"a":"\u00e9"}`}},
		"a string that holds an array":        {`"[{\"a\":1},{\"a\":2}]"`, []string{`{"a":1}`, `{"a":2}`}},
		"a string in a string":                {`"\"[{\\\"a\\\":1}]\""`, []string{`{"a":1}`}},
		"an array of strings":                 {`["{\"a\":1}","{\"a\":2}"]`, []string{`{"a":1}`, `{"a":2}`}},
		"a string with a byte order mark":     {`"\uFEFF[{}]"`, []string{`{}`}},
		"an array with space":                 {`" [ {} , {} ] "`, []string{`{}`, `{}`}},
		"a repeated name, a lone surrogate":   {`"[{\"a\":1,\"a\":\"\\ud800\"}]"`, []string{`{"a":1,"a":"\ud800"}`}},
		"a string that is not JSON":           {`"hello"`, []string{"text: hello"}},
		"a string cut short":                  {`"[{\"a\":1"`, []string{`text: [{"a":1`}},
		"an empty string":                     {`""`, []string{"text: "}},
		"null":                                {`null`, []string{"text: null"}},
		"a string that holds null":            {`"null"`, []string{"text: null"}},
		"a number":                            {`7`, []string{"text: 7"}},
		"one bad element among good ones":     {`[{"a":1},null,7,"x",[{}],{"a":2}]`, []string{`{"a":1}`, "text: null", "text: 7", "text: x", "text: [{}]", `{"a":2}`}},
		"an array in an array is not a batch": {`[[{}]]`, []string{"text: [{}]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			all, err := entries(jsontext.Value(test.value), new(scratch))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range all {
				if e.Event != "" {
					got = append(got, string(e.Event))
				} else {
					got = append(got, "text: "+string(e.Text))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every value has at least one entry, unless it is an empty array: no event
// disappears.
func FuzzEntries(f *testing.F) {
	for _, value := range []string{`{}`, `[]`, `[{}]`, `"[{}]"`, `"\"[{}]\""`, `[["{}"]]`, `"\ud800"`, `null`, `"\uFEFF\"\""`} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := triggerValue([]byte(`{"Data":{"t":`+string(text)+`}}`), "t", new(scratch))
		if err != nil {
			return
		}
		all, err := entries(value, new(scratch))
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 && !strings.Contains(string(text), "[") {
			t.Errorf("%s: nothing", text)
		}
		for _, e := range all {
			if e.Event != "" && (!jsontext.Value(e.Event).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) || e.Event.Kind() != jsontext.KindBeginObject) {
				t.Errorf("%s: an event that is not an object: %s", text, e.Event)
			}
		}
	})
}

func TestTriggerValue(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"from the host":    {`{"Data":{"t":{"a":1}},"Metadata":{"data":{"a":1},"sys":{}}}`, `{"a":1}`},
		"in another order": {`{"Metadata":{"Data":{"t":0}},"Data":{"other":[1],"t":{"a":1}}}`, `{"a":1}`},
		"twice: the last":  {`{"Data":{"t":1,"t":2}}`, `2`},
		"null is a value":  {`{"Data":{"t":null}}`, `null`},
		"escaped names":    {`{"D\u0061ta":{"\u0074":1}}`, `1`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := triggerValue([]byte(test.body), "t", new(scratch))
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestTriggerValueRefuses(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                      {``, "body is not JSON at byte 0"},
		"not JSON":                     {`hello`, "body is not JSON at byte 0"},
		"cut short before the trigger": {`{"Data":{"t":{"a":`, "body is not JSON at byte 18"},
		"cut short after the trigger":  {`{"Data":{"t":{"a":1}},"Metadata":{"sy`, "body is not JSON at byte 37"},
		"cut short at the very end":    {`{"Data":{"t":{"a":1}}`, "body is not JSON at byte 21"},
		"text after it":                {`{"Data":{"t":{"a":1}}}{`, "body is not JSON at byte 22"},
		"not an object":                {`[1]`, "body has no value for the trigger"},
		"no Data":                      {`{"data":{"t":1}}`, "body has no value for the trigger"},
		"Data that is not an object":   {`{"Data":"t"}`, "body has no value for the trigger"},
		"another trigger":              {`{"Data":{"T":1}}`, "body has no value for the trigger"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := triggerValue([]byte(test.body), "t", new(scratch))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestTooManyEvents(t *testing.T) {
	for number, want := range map[int]error{maxEvents: nil, maxEvents + 1: errTooManyEvents} {
		value := "[" + strings.TrimSuffix(strings.Repeat("{},", number), ",") + "]"
		quoted, _ := jsontext.AppendQuote(nil, value)
		for _, value := range []string{value, string(quoted)} {
			all, err := entries(jsontext.Value(value), new(scratch))
			if err != want || err == nil && len(all) != number {
				t.Errorf("%d events: got %d, %v; want %v", number, len(all), err, want)
			}
		}
	}
}
