package conversation

// ChannelEvent is an event about the business's side of a channel and not about one
// conversation: a template was rejected, a number was restricted.
type ChannelEvent struct {
	// EventID is the id of the event.
	EventID string
	// Field is the provider's name for the kind of event.
	Field string
	// Published is the time of the event.
	Published Time
	// Value is the provider's payload, JSON.
	Value string
}

// ID returns the id of the event.
func (e *ChannelEvent) ID() string { return e.EventID }
