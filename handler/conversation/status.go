package conversation

import (
	"fmt"
	"strings"
)

// StatusChanged is the CloudEvents type of a queue message whose data is a
// [Status].
const StatusChanged = "conversation.message.status.v1"

// Status is what became of one message from the business to a person.
type Status struct {
	// EventID is the id of the event that brought the status.
	EventID string `json:"eventId"`
	// MessageID is the id that the provider gave when it took the message. A
	// GUID is in lower case.
	MessageID string `json:"messageId,omitzero"`
	// Channel is the business side of the conversation.
	Channel Channel `json:"channel"`
	// Conversations are the partition keys under which the recipient's own
	// messages are stored, the business-scoped identity's first.
	Conversations []string `json:"conversations"`
	// To is the recipient.
	To Participant `json:"to"`
	// Status is one of the statuses below, or whatever came, in lower case.
	Status string `json:"status"`
	// Published is when the event was published. It is told in the envelope.
	Published Time `json:"-"`
	// OccurredAt is when the provider learned of it.
	OccurredAt Time `json:"occurredAt,omitzero"`
	// Error is the channel's account, of a failure as a rule.
	Error *Error `json:"error,omitzero"`
	// Failure is what to make of a failed message.
	Failure *Failure `json:"failure,omitzero"`
	// Raw is what the provider sent, untouched.
	Raw JSON `json:"raw,omitzero"`
	// RawOmitted says that Raw was left out because it did not fit.
	RawOmitted bool `json:"rawOmitted,omitzero"`
}

// The statuses that have a rank. Others may come and are carried as they are.
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusFailed    = "failed"
	// StatusUnknown is the status of an event that tells none.
	StatusUnknown = "unknown"
)

// StatusName is a status as it is compared and stored: in lower case, without the
// space around it, and [StatusUnknown] where nothing is left.
func StatusName(status string) string {
	status = strings.ToLower(strings.TrimSpace(status))
	if status == "" {
		return StatusUnknown
	}
	return status
}

// Rank orders statuses: of all that were reported for a message, the one of
// the highest rank is its current one. A message that was delivered stays so,
// whatever comes later; a failure outranks only its having been sent.
func (s *Status) Rank() int {
	switch s.Status {
	case StatusSent:
		return 10
	case StatusFailed:
		return 15
	case StatusDelivered:
		return 20
	case StatusRead:
		return 30
	default:
		return 0
	}
}

// ID tells this status of this message from all others.
func (s *Status) ID() string {
	return s.MessageID + ":" + s.Status
}

// Complete fills in what follows from the other members: Conversations.
func (s *Status) Complete() {
	s.Conversations = partitionKeys(s.Channel, s.To)
}

// PartitionKey is the key that the rows of all statuses of a message share.
func (s *Status) PartitionKey() string {
	return keyPart(s.MessageID)
}

// RowKey is the key of the status's row: the current status comes first.
func (s *Status) RowKey() string {
	return fmt.Sprintf("%02d-%s", 99-s.Rank(), keyPart(s.Status))
}

// WithoutRaw is the status without the provider's own words.
func (s Status) WithoutRaw() Status {
	s.Raw, s.RawOmitted = "", true
	return s
}
