package outputs_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/outputs"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/quoted/quotedtest"
)

// fill sets everything below v that set says, counting what there is.
func fill(v reflect.Value, number *int, set func(number int) bool) {
	switch v.Interface().(type) {
	case conversation.Time:
		if *number++; set(*number) {
			v.Set(reflect.ValueOf(conversation.At(time.Unix(int64(*number), 0))))
		}
		return
	case conversation.JSON:
		if *number++; set(*number) {
			v.SetString(fmt.Sprintf(`{"n": %d}`, *number))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), number, set)
		}
	case reflect.Pointer:
		if *number++; set(*number) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), number, set)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), number, set)
		}
	case reflect.String:
		if *number++; set(*number) {
			v.SetString(fmt.Sprintf("text \"%d\" <é>\n", *number))
		}
	case reflect.Bool:
		*number++
		v.SetBool(set(*number))
	default:
		panic("a kind that this test does not know: " + v.Kind().String())
	}
}

// The data of queue messages is what the tags in package conversation say,
// whichever members there are.
func TestDataIsWhatTheTagsSay(t *testing.T) {
	sets := map[string]func(number int) bool{
		"everything":       func(int) bool { return true },
		"nothing":          func(int) bool { return false },
		"every other":      func(number int) bool { return number%2 == 0 },
		"the others":       func(number int) bool { return number%2 == 1 },
		"every third":      func(number int) bool { return number%3 == 0 },
		"all but a fourth": func(number int) bool { return number%4 != 0 },
	}
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			var m conversation.Message
			fill(reflect.ValueOf(&m).Elem(), new(int), set)
			envelope := outputs.Envelope{Event: &messaging.CloudEvent{}}
			compareData(t, m, func(to *quoted.Text) ([]string, error) { return envelope.Message(to, &m) })

			var s conversation.Status
			fill(reflect.ValueOf(&s).Elem(), new(int), set)
			compareData(t, s, func(to *quoted.Text) ([]string, error) { return envelope.Status(to, &s) })
		})
	}
}

func compareData(t *testing.T, data any, write func(to *quoted.Text) ([]string, error)) {
	t.Helper()
	want, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var to quoted.Text
	if omitted, err := write(&to); err != nil || omitted != nil {
		t.Fatal(omitted, err)
	}
	var message struct {
		Data jsontext.Value `json:"data"`
	}
	if err := json.Unmarshal(quotedtest.Unquote(t, &to), &message); err != nil {
		t.Fatal(err)
	}
	if err := message.Data.Compact(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(message.Data)); diff != "" {
		t.Error(diff)
	}
}
