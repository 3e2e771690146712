package lenient_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/lenient"
)

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
			for name, value := range lenient.Value(test.object).Members() {
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
			for value := range lenient.Value(test.array).Elements() {
				got = append(got, string(value))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStoppingEarly(t *testing.T) {
	for range lenient.Value(`{"a":1,"b":2}`).Members() {
		break
	}
	for range lenient.Value(`[1,2]`).Elements() {
		break
	}
}

func TestDepth(t *testing.T) {
	for value, want := range map[string]int{
		`1`:                         0,
		`"[["`:                      0,
		`{}`:                        1,
		`[{"a":[]},[[1]]]`:          3,
		`{"a\\":{"b\"":"{"},"c":1}`: 2,
	} {
		if got := lenient.Value(value).Depth(); got != want {
			t.Errorf("%s: %d levels, want %d", value, got, want)
		}
	}
}

// The parts of a value are those that the standard library finds.
func FuzzValue(f *testing.F) {
	for _, text := range []string{
		`{ "a" : 1 , "b\"\\" : [ true , null ] , "a" : { "x":"}" } }`, `[[],{},"]",-1.5e3,"\\",false]`, `"\\\""`, `1`, ` {"\u0061" :"\ud800"} `, `[ ]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := lenient.Parse(lenient.Clean([]byte(text)))
		if err != nil {
			if value != "" {
				t.Errorf("%q: a value with an error", text)
			}
			return
		}
		var got []string
		for name, member := range value.Members() {
			got = append(got, name, string(member))
		}
		for element := range value.Elements() {
			got = append(got, string(element))
		}
		if diff := cmp.Diff(parts(t, value), got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

// parts reads the same with a decoder.
func parts(t *testing.T, value lenient.Value) (all []string) {
	t.Helper()
	decoder := jsontext.NewDecoder(strings.NewReader(string(value)), lenient.Options())
	token, err := decoder.ReadToken()
	if err != nil {
		t.Fatal(err)
	}
	if kind := token.Kind(); kind != jsontext.KindBeginObject && kind != jsontext.KindBeginArray {
		return nil
	}
	for kind := decoder.PeekKind(); kind != jsontext.KindEndObject && kind != jsontext.KindEndArray; kind = decoder.PeekKind() {
		if _, length := decoder.StackIndex(1); token.Kind() == jsontext.KindBeginObject && length%2 == 0 {
			name, err := decoder.ReadToken()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, name.String())
			continue
		}
		part, err := decoder.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(part))
	}
	return all
}

// BenchmarkRead compares Fields with the standard library.
func BenchmarkRead(b *testing.B) {
	text := []byte(`{"id":"e","source":"/subscriptions/s","specversion":"1.0","type":"T","time":"2026-11-20T09:15:03Z","data":{"channelType":"whatsapp","messageType":"text","messageId":"75476a19-a68d-4e10-806c-3680f099e069","from":"14255550123","to":"9f1c2d3e-0a1b-4c5d-8e6f-112233445566","receivedTimestamp":"2026-11-20T10:00:00+00:00","content":"Hello, is order 12345 ready?"}}`)
	b.Run("Fields", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			event, _ := lenient.Parse(text)
			fields := event.Fields()
			data := fields.Get("data").Fields()
			_ = data.Get("content")
		}
	})
	b.Run("json.Unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var event, data map[string]jsontext.Value
			_ = json.Unmarshal(text, &event, lenient.Options())
			_ = json.Unmarshal(event["data"], &data, lenient.Options())
			_ = data["content"]
		}
	})
}
