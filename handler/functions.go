package main

import (
	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/advancedmessage"
	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/eventgrid"
	"whatsapp-functions/handler/status"
)

// functions are all that this binary has.
func functions(optOut conversation.OptOutWords) []bridge.Function {
	routes := eventgrid.Routes{
		{EventType: acs.TypeMessageReceived, Function: advancedmessage.Name},
		{EventType: acs.TypeStatusUpdated, Function: status.Name},
	}
	return []bridge.Function{
		&advancedmessage.Function{Routes: routes, OptOut: optOut},
		&status.Function{Routes: routes},
	}
}
