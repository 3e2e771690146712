package functions

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// A row needs no limit as a whole: with every column at its longest it is
// below the 1 MiB that Azure allows.
func TestWidestStatusRow(t *testing.T) {
	long := strings.Repeat("x", 32_000)
	s := conversation.Status{
		EventID: long, MessageID: long, Status: long,
		Channel:    conversation.Channel{Type: long, ID: long},
		To:         conversation.Participant{Phone: long, BSUID: long},
		OccurredAt: conversation.At(time.Now()),
		Error:      &conversation.Error{Code: long, Message: long},
		Failure:    &conversation.Failure{Class: conversation.FailureClass(long), Retry: conversation.Retry(long)},
		Raw:        long,
	}
	var to quoted.Text
	leftOut, err := encodeStatusRow(&to, &s)
	if err != nil || leftOut != nil {
		t.Fatal(leftOut, err)
	}
	var columns map[string]any
	object, err := jsontext.AppendUnquote(nil, `"`+string(to.Bytes())+`"`)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(object, &columns); err != nil {
		t.Fatal(err)
	}
	size := 4
	for name, value := range columns {
		text, _ := value.(string)
		size += 8 + 2*len(name) + 4 + 2*len(text)
	}
	if size > 1<<20 || size < 500_000 {
		t.Errorf("%d bytes in %d columns", size, len(columns))
	}
}
