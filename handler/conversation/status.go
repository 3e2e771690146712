package conversation

import "strings"

// Status is a status of one message from the business to a person.
type Status struct {
	// EventID is the id of the event that carried the status.
	EventID string
	// MessageID is the id that the provider returned when the message was sent.
	// A GUID is in lower case.
	MessageID string
	// Channel is the business's side of the conversation.
	Channel Channel
	// To is the recipient.
	To Participant
	// Status is one of the statuses below, or any other in lower case.
	Status string
	// Published is the time of the event.
	Published Time
	// OccurredAt is the time that the provider gives for the status.
	OccurredAt Time
	// Error is the error that the channel reported, usually for a failure.
	Error *Error
	// Failure classifies a failure. It is nil unless Failed.
	Failure *Failure
	// Raw is the provider's payload, a JSON object.
	Raw string
}

// The statuses that have a rank. Any other is kept verbatim.
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusFailed    = "failed"
	// StatusUnknown is the status of an event without one.
	StatusUnknown = "unknown"
)

// StatusName returns the form in which statuses are compared and stored: in
// lower case, without white space around it, [StatusUnknown] if it is empty.
func StatusName(status string) string {
	status = strings.ToLower(strings.TrimSpace(status))
	if status == "" {
		return StatusUnknown
	}
	return status
}

// Rank orders the statuses of a message: the one with the highest rank is the
// current one. A message that was delivered stays delivered, whatever comes
// later; a failure outranks only sent.
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

// Failed reports whether the message failed.
func (s *Status) Failed() bool {
	return s.Status == StatusFailed
}

// ID returns the id that identifies this status of this message, or "" without
// the message's id.
func (s *Status) ID() string {
	if s.MessageID == "" {
		return ""
	}
	return s.MessageID + ":" + s.Status
}
