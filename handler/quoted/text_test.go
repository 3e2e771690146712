package quoted_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/quoted/quotedtest"
)

// everyByte is text with every character below U+0100 in it, and some above.
func everyByte() string {
	var text strings.Builder
	for r := range rune(0x100) {
		text.WriteRune(r)
	}
	return text.String() + "é\u2028👍\uFFFD"
}

func TestText(t *testing.T) {
	for name, test := range map[string]struct {
		write func(to *quoted.Text)
		want  string
	}{
		"an object": {func(to *quoted.Text) {
			to.BeginObject()
			to.Name("a")
			to.String(`x"\` + "\n")
			to.Name("b")
			to.Int(-7)
			to.Name("c")
			to.Bool(true)
			to.Name("d")
			to.JSON(`{"x": "é\"\u0041{"}`)
			to.EndObject()
		}, `{"a":"x\"\\\n","b":-7,"c":true,"d":{"x": "é\"\u0041{"}}`},
		"an object in an object": {func(to *quoted.Text) {
			to.BeginObject()
			to.Name("a")
			to.BeginObject()
			to.EndObject()
			to.Name("b")
			to.String("{")
			to.Name("c")
			to.Bool(false)
			to.EndObject()
		}, `{"a":{},"b":"{","c":false}`},
		"arrays": {func(to *quoted.Text) {
			to.BeginArray()
			for _, text := range []string{"[", "", "c"} {
				to.Next()
				to.String(text)
			}
			to.Next()
			to.BeginArray()
			to.EndArray()
			to.EndArray()
		}, `["[","","c",[]]`},
	} {
		t.Run(name, func(t *testing.T) {
			var text quoted.Text
			test.write(&text)
			got := string(quotedtest.Unquote(t, &text))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if size := text.Size(0); size != len(got) {
				t.Errorf("size %d, want %d", size, len(got))
			}
		})
	}
}

func TestTruncateAndCut(t *testing.T) {
	var text quoted.Text
	text.JSON("1")
	length := text.Len()
	text.Cut()
	text.JSON(strings.Repeat(`"`, 9))
	text.Truncate(length)
	text.Cut()
	text.JSON("2")
	if got := string(text.Bytes()); got != `1","2` {
		t.Errorf("got %s", got)
	}
}

// Whatever text is written, a reader of the inside of the inside finds it.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", everyByte(), `\`, `"`, strings.Repeat(`\"`, 50)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		var to quoted.Text
		to.String(text)
		inside := quotedtest.Unquote(t, &to)
		if to.Size(0) != len(inside) {
			t.Errorf("size %d, want %d", to.Size(0), len(inside))
		}
		var got string
		if err := json.Unmarshal(inside, &got); err != nil || got != text {
			t.Errorf("got %q, want %q; %v", got, text, err)
		}
		value, err := jsontext.AppendQuote(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		to.Truncate(0)
		to.JSON(string(value))
		if got := quotedtest.Unquote(t, &to); string(got) != string(value) {
			t.Errorf("got %s, want %s", got, value)
		}
	})
}
