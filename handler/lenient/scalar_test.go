package lenient_test

import (
	"testing"

	"whatsapp-functions/handler/lenient"
)

func TestText(t *testing.T) {
	for value, want := range map[string]string{
		`"a\u00e9\/\n"`:  "aé/\n",
		`"\u002B1"`:      "+1",
		`"\ud83d\udc4d"`: "👍",
		`"a\ud800b"`:     "a\uFFFDb",
		`131026`:         "131026",
		`1.50`:           "1.50",
		`true`:           "true",
		`null`:           "",
		`{"a":1}`:        "",
		`["a"]`:          "",
		``:               "",
	} {
		if got := lenient.Value(value).Text(); got != want {
			t.Errorf("Text(%s) = %q, want %q", value, got, want)
		}
	}
}

func TestBool(t *testing.T) {
	type answer struct{ truth, ok bool }
	for value, want := range map[string]answer{
		`true`:      {true, true},
		`false`:     {false, true},
		`"true"`:    {true, true},
		`" False "`: {false, true},
		`"yes"`:     {},
		`1`:         {},
		`null`:      {},
		`{}`:        {},
	} {
		truth, ok := lenient.Value(value).Bool()
		if got := (answer{truth, ok}); got != want {
			t.Errorf("Bool(%s) = %v, want %v", value, got, want)
		}
	}
}
