package eventgrid

import (
	"fmt"
	"strings"
)

// Route is where events of a type go.
type Route struct {
	// EventType is compared without regard to case.
	EventType string
	// Function is the name of the function that takes them.
	Function string
}

// Routes are all the types of events that an app takes.
type Routes []Route

// Misrouted explains why an event of this type was not for the function that
// got it.
func (r Routes) Misrouted(eventType string) string {
	for _, route := range r {
		if strings.EqualFold(route.EventType, eventType) {
			return fmt.Sprintf("%s belongs to the function %s: correct the event subscription", route.EventType, route.Function)
		}
	}
	return fmt.Sprintf("no function of this app takes %s: narrow the event subscription to the types it needs", eventType)
}
