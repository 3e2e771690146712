package outputs_test

import (
	"encoding/json/v2"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/outputs"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/quoted/quotedtest"
)

func TestRow(t *testing.T) {
	var text quoted.Text
	r := outputs.NewRow(&text, "p", "r")
	r.Text("Text", "a\"é\n")
	r.Text("Nothing", "")
	r.Int("Rank", -15)
	r.True("Yes", true)
	r.True("No", false)
	omitted, err := r.End()
	if err != nil || omitted != nil {
		t.Fatal(omitted, err)
	}
	want := `{"ETag":"*","PartitionKey":"p","RowKey":"r","Text":"a\"é\n","Rank":-15,"Yes":true}`
	if diff := cmp.Diff(want, string(quotedtest.Unquote(t, &text))); diff != "" {
		t.Error(diff)
	}
}

func TestRowLimits(t *testing.T) {
	const limit = 32_000
	text := func(r *outputs.Row, text string) { r.Text("C", text) }
	cut := func(r *outputs.Row, text string) { r.TextCut("C", text) }
	drop := func(r *outputs.Row, text string) { r.TextIfFits("C", text) }
	for name, test := range map[string]struct {
		write   func(r *outputs.Row, text string)
		text    string
		want    string
		omitted []string
		err     error
	}{
		"as long as may be":               {text, strings.Repeat("é", limit), strings.Repeat("é", limit), nil, nil},
		"too long":                        {text, strings.Repeat("x", limit+1), "", nil, outputs.ErrOversize},
		"two units a character, too long": {text, strings.Repeat("👍", limit/2+1), "", nil, outputs.ErrOversize},
		"cut, but not needed":             {cut, strings.Repeat("x", limit), strings.Repeat("x", limit), nil, nil},
		"cut":                             {cut, strings.Repeat("x", limit+1), strings.Repeat("x", limit), []string{"the end of column C"}, nil},
		"cut ahead of a character":        {cut, "x" + strings.Repeat("👍", limit/2), "x" + strings.Repeat("👍", limit/2-1), []string{"the end of column C"}, nil},
		"dropped, but not needed":         {drop, strings.Repeat("x", limit), strings.Repeat("x", limit), nil, nil},
		"dropped":                         {drop, strings.Repeat("x", limit+1), "", []string{"column C"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var written quoted.Text
			r := outputs.NewRow(&written, "p", "r")
			test.write(&r, test.text)
			omitted, err := r.End()
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.omitted, omitted); diff != "" {
				t.Error(diff)
			}
			if err != nil {
				return
			}
			var row struct{ C string }
			if err := json.Unmarshal(quotedtest.Unquote(t, &written), &row); err != nil || row.C != test.want {
				t.Errorf("%d bytes of text, want %d; %v", len(row.C), len(test.want), err)
			}
		})
	}
}
