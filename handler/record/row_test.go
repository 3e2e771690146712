package record_test

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

func TestRow(t *testing.T) {
	var r record.Row
	r.Keys("p", "r")
	r.Text("Text", "a\"é\n")
	r.Text("Nothing", "")
	r.Int("Rank", -15)
	r.True("Yes", true)
	r.True("No", false)
	var to quoted.Text
	leftOut, err := r.Encode(&to)
	if err != nil || leftOut != nil {
		t.Fatal(leftOut, err)
	}
	want := `{"ETag":"*","PartitionKey":"p","RowKey":"r","Text":"a\"é\n","Rank":-15,"Yes":true}`
	if diff := cmp.Diff(want, unquote(t, &to)); diff != "" {
		t.Error(diff)
	}
}

func TestColumnLimits(t *testing.T) {
	const limit = 32_000
	text := (*record.Row).Text
	cut := (*record.Row).TextCut
	drop := (*record.Row).TextIfFits
	for name, test := range map[string]struct {
		add     func(r *record.Row, name, text string)
		text    string
		want    string
		leftOut []string
		err     error
	}{
		"at the limit":                    {text, strings.Repeat("é", limit), strings.Repeat("é", limit), nil, nil},
		"too long":                        {text, strings.Repeat("x", limit+1), "", nil, record.ErrOversize},
		"two units a character, too long": {text, strings.Repeat("👍", limit/2+1), "", nil, record.ErrOversize},
		"not cut":                         {cut, strings.Repeat("x", limit), strings.Repeat("x", limit), nil, nil},
		"cut":                             {cut, strings.Repeat("x", limit+1), strings.Repeat("x", limit), []string{"the end of column C"}, nil},
		"cut before a surrogate pair":     {cut, "x" + strings.Repeat("👍", limit/2), "x" + strings.Repeat("👍", limit/2-1), []string{"the end of column C"}, nil},
		"not dropped":                     {drop, strings.Repeat("x", limit), strings.Repeat("x", limit), nil, nil},
		"dropped":                         {drop, strings.Repeat("x", limit+1), "", []string{"column C"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var r record.Row
			r.Keys("p", "r")
			test.add(&r, "C", test.text)
			var to quoted.Text
			leftOut, err := r.Encode(&to)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.leftOut, leftOut); diff != "" {
				t.Error(diff)
			}
			if err != nil {
				return
			}
			var row struct{ C string }
			if err := json.Unmarshal([]byte(unquote(t, &to)), &row); err != nil || row.C != test.want {
				t.Errorf("%d bytes of text, want %d; %v", len(row.C), len(test.want), err)
			}
		})
	}
}

// A row over 1 MiB loses optional columns, then the ends of texts.
func TestRowLimit(t *testing.T) {
	long := strings.Repeat("x", 32_000) // 64 KB as Azure counts it
	for name, test := range map[string]struct {
		fixed, cut int
		event      bool
		leftOut    []string
		err        error
	}{
		"below the limit":         {14, 1, true, nil, nil},
		"over it by Event":        {14, 2, true, []string{"column Event"}, nil},
		"over it by a text":       {14, 3, true, []string{"column Event", "the end of column Cut0"}, nil},
		"over it by two texts":    {15, 3, false, []string{"the end of column Cut0", "the end of column Cut1"}, nil},
		"over it by fixed values": {17, 0, true, nil, record.ErrOversize},
	} {
		t.Run(name, func(t *testing.T) {
			var r record.Row
			r.Keys("p", "r")
			for i := range test.fixed {
				r.Text(fmt.Sprintf("Fixed%d", i), long)
			}
			for i := range test.cut {
				r.TextCut(fmt.Sprintf("Cut%d", i), long)
			}
			if test.event {
				r.TextIfFits("Event", long)
			}
			var to quoted.Text
			leftOut, err := r.Encode(&to)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.leftOut, leftOut); diff != "" {
				t.Error(diff)
			}
			if err != nil {
				return
			}
			var columns map[string]string
			if err := json.Unmarshal([]byte(unquote(t, &to)), &columns); err != nil {
				t.Fatal(err)
			}
			size := 4
			for name, text := range columns {
				size += 8 + 2*len(name) + 4 + 2*len(text)
			}
			if size > 1<<20 || size < 1<<20-70_000 {
				t.Errorf("%d bytes", size)
			}
		})
	}
}
