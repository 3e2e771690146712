package storage

import (
	"context"
	"encoding/base64"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

// Message is a message of a queue.
type Message struct {
	ID       string
	Inserted time.Time
	// Expires is when the service deletes the message.
	Expires time.Time
	// DequeueCount is the number of times that it was received.
	DequeueCount int
	// Receipt and NextVisible are set only if the message was received. The
	// receipt is valid until the message is received or updated again.
	Receipt     string
	NextVisible time.Time
	Body        []byte
	// Undecodable means that the stored text is not base64, but should be. Body
	// is that text.
	Undecodable bool
}

// MaxReceive is the most messages that [Consumer].Receive returns.
const MaxReceive = 32

// TimeToLive is how long the service keeps a message.
const TimeToLive = 7 * 24 * time.Hour

// Consumer receives the messages of queues. The service counts times in whole
// seconds, and ignores fractions.
type Consumer interface {
	// Receive returns up to limit visible messages, about in the order of their
	// insertion, and hides them for a time of at least a second. A queue that
	// does not exist has none.
	Receive(ctx context.Context, queue string, limit int, hidden time.Duration) ([]Message, error)
	// UpdateMessage hides a received message for a time from now on; 0 makes it
	// visible. It returns the message with its new receipt. The error is
	// [ErrReceipt] or [ErrMessageNotFound] if the message is no longer this
	// consumer's.
	UpdateMessage(ctx context.Context, queue string, message Message, hidden time.Duration) (Message, error)
	// DeleteMessage deletes a received message. The errors are those of
	// UpdateMessage.
	DeleteMessage(ctx context.Context, queue string, message Message) error
	// CopyMessage adds a message to another queue with the same stored text,
	// also if it is undecodable.
	CopyMessage(ctx context.Context, queue string, message Message) error
}

// NewMessage returns a message with the body of a stored text, which is in base64
// unless asText is set.
func NewMessage(stored string, asText bool) Message {
	if asText {
		return Message{Body: []byte(stored)}
	}
	body, ok := dotnet.DecodeBase64(stored)
	if !ok {
		return Message{Body: []byte(stored), Undecodable: true}
	}
	return Message{Body: body}
}

// Stored returns the text that the service stores.
func (m Message) Stored(asText bool) string {
	if asText || m.Undecodable {
		return string(m.Body)
	}
	return base64.StdEncoding.EncodeToString(m.Body)
}
