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
	// AdvancedMessageTrigger [Microsoft.Communication.AdvancedMessageReceived]
	//     queue inboundMessages
	//     table messages
	// StatusTrigger [Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated]
	//     table messageStatus
	//     queue failedMessages
	//     queue statusUpdates
}
