package record_test

import (
	"fmt"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
	"whatsapp-functions/handler/record"
)

func ExampleConversations() {
	channel := conversation.Channel{Type: "whatsapp", ID: "9f1c2d3e"}
	for _, key := range record.Conversations(channel, conversation.NewParticipant("+1 425 555 0123", "US.13491208655302741918")) {
		fmt.Println(key)
	}
	// Output:
	// 9f1c2d3e|US.13491208655302741918
	// 9f1c2d3e|14255550123
}

func ExampleRow() {
	var row record.Row
	row.Keys("9f1c2d3e|14255550123", "2516071346989999999-m")
	row.Text("Kind", "text")
	row.TextCut("Text", "Hello")
	row.Text("FileName", "") // left out
	var to quoted.Text
	leftOut, err := row.Encode(&to)
	fmt.Println(string(to.Bytes()))
	fmt.Println(leftOut, err)
	// Output:
	// {\"ETag\":\"*\",\"PartitionKey\":\"9f1c2d3e|14255550123\",\"RowKey\":\"2516071346989999999-m\",\"Kind\":\"text\",\"Text\":\"Hello\"}
	// [] <nil>
}
