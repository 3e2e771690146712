package functions_test

import (
	"fmt"

	"whatsapp-functions/handler/functions"
)

func ExampleAll() {
	for _, f := range functions.All(functions.Settings{}) {
		fmt.Println(f.Name, functions.EventTypes(f.Name))
		for _, output := range f.Outputs {
			fmt.Println("   ", output.Kind, output.Name)
		}
	}
	// Output:
	// AdvancedMessageTrigger [Microsoft.Communication.AdvancedMessageReceived Meta.WhatsApp.MessageReceived Meta.WhatsApp.UserPreferenceChanged]
	//     queue inboundMessages
	//     table messages
	//     queue mediaRequests
	//     queue preferences
	// StatusTrigger [Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated Meta.WhatsApp.MessageStatusUpdated Meta.WhatsApp.ChannelEvent]
	//     table messageStatus
	//     queue failedMessages
	//     queue statusUpdates
	//     queue channelEvents
	// WebhookTrigger [Meta.WhatsApp.MessageReceived Meta.WhatsApp.MessageStatusUpdated Meta.WhatsApp.UserPreferenceChanged Meta.WhatsApp.ChannelEvent]
	//     queue inboundMessages
	//     table messages
	//     queue mediaRequests
	//     table messageStatus
	//     queue failedMessages
	//     queue statusUpdates
	//     queue preferences
	//     queue channelEvents
}
