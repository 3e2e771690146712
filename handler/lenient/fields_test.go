package lenient_test

import (
	"fmt"
	"strings"
	"testing"

	"whatsapp-functions/handler/lenient"
)

func TestFields(t *testing.T) {
	many := "{"
	for i := range 40 {
		many += fmt.Sprintf(`"n%d":%d,`, i, i)
	}
	many += `"last":1}`
	for name, test := range map[string]struct{ object, field, want string }{
		"exactly":                         {`{"a":1,"b":2}`, "a", "1"},
		"in another case":                 {`{"FromBSUId":1}`, "fromBSUID", "1"},
		"exactly and in another case":     {`{"A":1,"a":2,"A":3}`, "a", "2"},
		"twice: the last":                 {`{"a":1,"a":2}`, "a", "2"},
		"twice in another case: the last": {`{"A":1,"A":2}`, "a", "2"},
		"null counts":                     {`{"a":null,"A":1}`, "a", "null"},
		"none":                            {`{"ab":1}`, "a", ""},
		"of an array":                     {`["a"]`, "a", ""},
		"of nothing":                      {``, "a", ""},
		"one of many":                     {many, "n39", "39"},
		"one of many in another case":     {many, "LAST", "1"},
		"an escaped name":                 {`{"\u0061":1}`, "a", "1"},
	} {
		fields := lenient.Value(test.object).Fields()
		if got := string(fields.Get(test.field)); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func Example() {
	event, err := lenient.Parse(lenient.Clean([]byte("\uFEFF" + `{"Id": 7.0, "data": {"to": "C", "to": "D"}, "tags": ["x", null]}`)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fields := event.Fields()
	data := fields.Get("data").Fields()
	fmt.Println(fields.Get("id").Text(), data.Get("to").Text())
	for tag := range fields.Get("tags").Elements() {
		fmt.Println(strings.ToUpper(tag.Text()))
	}
	// Output:
	// 7 D
	// X
}
