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
func TestWidestMessageRow(t *testing.T) {
	long := strings.Repeat("x", 32_000)
	m := conversation.Message{
		EventID: long, MessageID: long, Kind: conversation.Kind(long), Text: long,
		Channel:    conversation.Channel{Type: long, ID: long},
		From:       conversation.Participant{Phone: long, BSUID: long},
		ReceivedAt: conversation.At(time.Now()),
		Media:      &conversation.Media{ID: long, MIMEType: long, FileName: long, Caption: long},
		ReplyTo:    &conversation.Reference{MessageID: long},
		OptOut:     true,
		Raw:        long,
	}
	var to quoted.Text
	leftOut, err := encodeMessageRow(&to, strings.Repeat("k", 512), &m)
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
	if size > 1<<20 || size < 700_000 {
		t.Errorf("%d bytes in %d columns", size, len(columns))
	}
}
