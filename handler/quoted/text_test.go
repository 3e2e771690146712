package quoted_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/quoted"
)

// unquote returns the object in a text of one string.
func unquote(t *testing.T, text *quoted.Text) string {
	t.Helper()
	object, err := jsontext.AppendUnquote(nil, `"`+string(text.Bytes())+`"`)
	if err != nil {
		t.Fatal(err)
	}
	return string(object)
}

func TestText(t *testing.T) {
	var to quoted.Text
	to.Begin()
	to.String("text", "a<b> \"é\"\\\n👍\u2028")
	to.String("none", "")
	to.Strings("texts", []string{"x", "{"})
	to.Strings("no texts", nil)
	to.Int("int", -15)
	to.Bool("bool", false)
	to.True("yes", true)
	to.True("no", false)
	to.Object("empty", func() {})
	to.Object("object", func() {
		to.Int("a", 1)
		to.JSON("json", `{"x": "é\"\u0041{"}`)
	})
	to.End()
	got := unquote(t, &to)
	want := `{"text":"a<b> \"é\"\\\n👍` + "\u2028" + `","texts":["x","{"],"no texts":[],"int":-15,"bool":false,"yes":true,"empty":{},"object":{"a":1,"json":{"x": "é\"\u0041{"}}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if size := to.Size(0); size != len(got) {
		t.Errorf("size %d, want %d", size, len(got))
	}
}

func TestSeveralStrings(t *testing.T) {
	var to quoted.Text
	for i := range 3 {
		length := to.Len()
		if i > 0 {
			to.NextString()
		}
		to.Begin()
		to.Int("i", i)
		to.End()
		if i == 1 {
			to.Truncate(length)
		}
	}
	if got, want := string(to.Bytes()), `{\"i\":0}","{\"i\":2}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Any text can be read back, as a string and as JSON.
func FuzzText(f *testing.F) {
	var everyByte strings.Builder
	for r := range rune(0x100) {
		everyByte.WriteRune(r)
	}
	for _, text := range []string{"x", everyByte.String() + "é\u2028👍\uFFFD", `\`, `"`, strings.Repeat(`\"`, 50)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		if text == "" {
			return
		}
		asJSON, err := jsontext.AppendQuote(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		var to quoted.Text
		to.Begin()
		to.String("string", text)
		to.JSON("json", string(asJSON))
		to.End()
		object := unquote(t, &to)
		if to.Size(0) != len(object) {
			t.Errorf("size %d, want %d", to.Size(0), len(object))
		}
		var got struct {
			String string         `json:"string"`
			JSON   jsontext.Value `json:"json"`
		}
		if err := json.Unmarshal([]byte(object), &got); err != nil || got.String != text || string(got.JSON) != string(asJSON) {
			t.Errorf("got %q and %s, want %q and %s; %v", got.String, got.JSON, text, asJSON, err)
		}
	})
}
