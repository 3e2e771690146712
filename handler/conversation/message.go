// Package conversation models a conversation between a person and a business,
// independent of the provider: messages, statuses, participants, the end of the
// customer service window, and the class of a failure. Package record encodes them for
// queues and tables.
package conversation

// Message is a message from a person to the business.
type Message struct {
	// EventID is the id of the event that carried the message.
	EventID string
	// MessageID is the provider's id of the message. A GUID is in lower case.
	MessageID string
	// Channel is the business's side of the conversation.
	Channel Channel
	// From is the sender.
	From Participant
	// Published is the time of the event.
	Published Time
	// ReceivedAt is the time at which the provider received the message.
	ReceivedAt Time
	// Kind is the kind of the message. It names the field that holds the
	// content: Choice for KindInteractive, Media for files, otherwise the field
	// of the same name. The provider may leave the content out.
	Kind Kind
	// Text is the text of a text message. A caption is in Media; the text of a
	// button is in Button or Choice.
	Text string
	// Media is the file that was sent.
	Media *Media
	// ReplyTo is the message that this one replies to.
	ReplyTo *Reference
	// Button is the quick-reply button of a template that was pressed.
	Button *Button
	// Choice is the answer to an interactive message.
	Choice *Choice
	// Reaction is a reaction to an earlier message, or its removal.
	Reaction *Reaction
	// Location is a place on the map.
	Location *Location
	// Contacts are contact cards.
	Contacts []Contact
	// Order is what the person wants to buy from a catalog.
	Order *Order
	// System is a change of the person's identity.
	System *System
	// Edit and Revoke name the message that was changed or deleted. The new
	// content of a changed message is in the other fields.
	Edit, Revoke *Target
	// Referral is the ad or post from which the person started the chat.
	Referral *Referral
	// Unsupported is the provider's name for the kind of a message whose content it
	// does not pass on, such as poll_creation.
	Unsupported string
	// Group is the group in which the message was written.
	Group *Group
	// Error is the reason why the provider could not deliver the content.
	Error *Error
	// OptOut reports whether the person asks for no more messages.
	OptOut bool
	// Raw is the provider's payload, a JSON object.
	Raw string
}

// Kind is the kind of a message.
type Kind string

// The kinds of messages. KindUnsupported is everything else: if the provider
// passed the content on, it is in Raw.
const (
	KindText        Kind = "text"
	KindImage       Kind = "image"
	KindVideo       Kind = "video"
	KindAudio       Kind = "audio"
	KindDocument    Kind = "document"
	KindSticker     Kind = "sticker"
	KindButton      Kind = "button"
	KindInteractive Kind = "interactive"
	KindReaction    Kind = "reaction"
	KindLocation    Kind = "location"
	KindContacts    Kind = "contacts"
	KindOrder       Kind = "order"
	KindSystem      Kind = "system"
	KindEdit        Kind = "edit"
	KindRevoke      Kind = "revoke"
	// KindWelcome means that the person opened the chat for the first time.
	KindWelcome     Kind = "welcome"
	KindUnsupported Kind = "unsupported"
)

// ID returns the id of the message, or else that of its event. It is "" if
// neither has one.
func (m *Message) ID() string {
	if m.MessageID != "" {
		return m.MessageID
	}
	return m.EventID
}

// Time returns the time at which the message was received, or else that of its
// event. A time in the year 1 counts as none.
func (m *Message) Time() Time {
	return firstKnown(m.ReceivedAt, m.Published)
}

// ReplyBy returns the end of the customer service window that the message
// opened. The window of a conversation is the latest of all its messages. A change
// of an identity and the change or deletion of a message open none, and a message in
// a group opens none with its sender.
func (m *Message) ReplyBy() Time {
	switch {
	case m.Kind == KindSystem, m.Kind == KindEdit, m.Kind == KindRevoke, m.Group != nil:
		return Time{}
	default:
		return windowEnd(m.Time())
	}
}
