package functions

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/messaging"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/quoted"
)

// BenchmarkEncode measures the encoding of what a text message becomes.
func BenchmarkEncode(b *testing.B) {
	m := conversation.Message{
		EventID: "e9b7f2a4-1f0e-4c57-9d3e-0b5d2c1a7e61", MessageID: "75476a19-a68d-4e10-806c-3680f099e069", Kind: conversation.KindText,
		Channel: conversation.Channel{Type: "whatsapp", ID: "9f1c2d3e-0a1b-4c5d-8e6f-112233445566"},
		From:    conversation.Participant{Phone: "14255550123"}, Text: "Hello, is order 12345 ready?",
		Raw: `{"channelType":"whatsapp","messageType":"text","messageId":"75476a19-a68d-4e10-806c-3680f099e069","from":"14255550123","content":"Hello, is order 12345 ready?"}`,
	}
	event := messaging.CloudEvent{Source: "/subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/rg-demo/providers/microsoft.communication/communicationservices/acs-demo"}
	conversations := []string{"9f1c2d3e-0a1b-4c5d-8e6f-112233445566|14255550123"}
	var to quoted.Text
	b.Run("queue message", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			to.Truncate(0)
			_, _ = encodeMessage(&to, &event, &m, conversations, "")
		}
	})
	b.Run("row", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			to.Truncate(0)
			row := messageRow(&m, "")
			row.SetPartitionKey(conversations[0])
			_, _ = row.Encode(&to)
		}
	})
}
