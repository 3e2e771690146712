// Package conversation is the model of a messaging conversation, whoever
// carries it: messages and statuses, who takes part, the keys they are stored
// under, the time in which a free reply is allowed, and what a failure means.
//
// [Message] and [Status] are, as JSON, the data of the queue messages that
// consumers receive; the files in schema/ describe the same. Within version 1
// members may be added, never changed or removed. (Package outputs writes them;
// the tags here are what its tests hold it to.)
package conversation

// MessageReceived is the CloudEvents type of a queue message whose data is a
// [Message].
const MessageReceived = "conversation.message.received.v1"

// Message is one message from a person to the business.
type Message struct {
	// EventID is the id of the event that brought the message.
	EventID string `json:"eventId"`
	// MessageID is the provider's id of the message. A GUID is in lower case.
	MessageID string `json:"messageId,omitzero"`
	// Channel is the business side of the conversation.
	Channel Channel `json:"channel"`
	// Conversations are the partition keys of the message's rows, one for
	// each identity of the sender, the business-scoped one first.
	Conversations []string `json:"conversations"`
	// From is the sender.
	From Participant `json:"from"`
	// Published is when the event was published. It is told in the envelope.
	Published Time `json:"-"`
	// ReceivedAt is when the provider received the message.
	ReceivedAt Time `json:"receivedAt,omitzero"`
	// ReplyBy is when the customer service window that the message opened
	// closes. The window of a conversation is the latest of them all.
	ReplyBy Time `json:"replyBy,omitzero"`
	// Kind tells which of the members below to look at: KindInteractive means
	// Choice, the kinds of files Media, the others what they are called. Any
	// of them may be missing all the same, where the provider left it out.
	Kind Kind `json:"kind"`
	// Text is the message's text. The words under a picture are in Media, those
	// on a button in Button or Choice.
	Text string `json:"text,omitzero"`
	// Media is the file that was sent.
	Media *Media `json:"media,omitzero"`
	// ReplyTo is the message that this one answers.
	ReplyTo *Reference `json:"replyTo,omitzero"`
	// Button is the quick-reply button of a template that was pressed.
	Button *Button `json:"button,omitzero"`
	// Choice is what was picked in an interactive message.
	Choice *Choice `json:"choice,omitzero"`
	// Reaction is a reaction to an earlier message, or its removal.
	Reaction *Reaction `json:"reaction,omitzero"`
	// Error is why the provider could not pass the message on as it was.
	Error *Error `json:"error,omitzero"`
	// OptOut says that the whole message is a request to hear no more.
	OptOut bool `json:"optOut,omitzero"`
	// Raw is what the provider sent, untouched.
	Raw JSON `json:"raw,omitzero"`
	// RawOmitted says that Raw was left out because it did not fit.
	RawOmitted bool `json:"rawOmitted,omitzero"`
}

// Kind is what sort of message was sent.
type Kind string

// The kinds of messages. What is none of the others is KindUnsupported: its
// content, if the provider passed any on, is in Raw.
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
	KindUnsupported Kind = "unsupported"
)

// Media is a file. Its bytes are fetched from the provider by its id. ID and
// MIMEType are empty where the provider left them out.
type Media struct {
	ID       string `json:"id"`
	MIMEType string `json:"mimeType"`
	// FileName is the sender's name for a document. Never trust it as a path.
	FileName string `json:"fileName,omitzero"`
	Caption  string `json:"caption,omitzero"`
	// Animated is said of stickers only.
	Animated *bool `json:"animated,omitzero"`
}

// Reference points at an earlier message.
type Reference struct {
	MessageID string `json:"messageId,omitzero"`
	From      string `json:"from,omitzero"`
}

// Button is a pressed quick-reply button: what it says, and what the template
// attached to it.
type Button struct {
	Text    string `json:"text,omitzero"`
	Payload string `json:"payload,omitzero"`
}

// Choice is what was picked in an interactive message: a button, or an entry
// of a list. ID is empty where the provider left it out.
type Choice struct {
	Kind        ChoiceKind `json:"kind"`
	ID          string     `json:"id"`
	Title       string     `json:"title,omitzero"`
	Description string     `json:"description,omitzero"`
}

// ChoiceKind is what a choice was made from.
type ChoiceKind string

// The kinds of choices.
const (
	ChoiceButton ChoiceKind = "button"
	ChoiceList   ChoiceKind = "list"
)

// Reaction is an emoji put on an earlier message, or taken away from it.
// MessageID is empty where the provider left it out.
type Reaction struct {
	MessageID string `json:"messageId"`
	Emoji     string `json:"emoji,omitzero"`
	Removed   bool   `json:"removed,omitzero"`
}

// Error is the channel's own account of what went wrong.
type Error struct {
	Code    string `json:"code,omitzero"`
	Message string `json:"message,omitzero"`
}

// ID is the message's id, or its event's where the provider gave it none. It
// is "" where neither has one.
func (m *Message) ID() string {
	if m.MessageID != "" {
		return m.MessageID
	}
	return m.EventID
}

// at is when the message was received, or published where the provider does
// not tell.
func (m *Message) at() Time {
	if m.ReceivedAt.IsZero() {
		return m.Published
	}
	return m.ReceivedAt
}

// Complete fills in what follows from the other members: Conversations and
// ReplyBy.
func (m *Message) Complete() {
	m.Conversations = partitionKeys(m.Channel, m.From)
	m.ReplyBy = replyBy(m.at())
}

// RowKey is the key of the message's rows: the newest message of a
// conversation comes first.
func (m *Message) RowKey() string {
	return m.at().newestFirst() + "-" + keyPart(m.ID())
}

// WithoutRaw is the message without the provider's own words.
func (m Message) WithoutRaw() Message {
	m.Raw, m.RawOmitted = "", true
	return m
}
