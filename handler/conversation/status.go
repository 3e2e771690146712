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
	// To is the recipient, in a group its member that the status is about.
	To Participant
	// Group is the group that the message was sent to.
	Group *Group
	// Participant is the member of the group. It is nil if the message was not
	// sent to a group.
	Participant *Participant
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
	// CallbackData is what the sender attached to the message.
	CallbackData string
	// Pricing is what the message costs, nil if it is not known.
	Pricing *Pricing
	// Raw is the provider's payload, a JSON object.
	Raw string
}

// Pricing is what the provider charges for a message, in the provider's words.
type Pricing struct {
	// Billable is nil if it is not known.
	Billable              *bool
	Category, Model, Type string
}

// The statuses that have a rank. Any other is kept verbatim.
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusPlayed    = "played"
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

// ranks order the statuses of a message. A message that was delivered stays
// delivered, whatever comes later; a failure outranks only sent.
var ranks = map[string]int{
	StatusSent:      10,
	StatusFailed:    15,
	StatusDelivered: 20,
	StatusRead:      30,
	StatusPlayed:    40,
}

// Rank orders the statuses of a message: the one with the highest rank is the
// current one. A status that is not known has rank 0.
func (s *Status) Rank() int {
	if s.Failed() {
		return ranks[StatusFailed]
	}
	return ranks[s.Status]
}

// Failed reports whether the message failed: its status is failed, or not known
// and there is an error code.
func (s *Status) Failed() bool {
	return s.Status == StatusFailed || ranks[s.Status] == 0 && s.ErrorCode() != ""
}

// ErrorCode returns the code of the error, or "".
func (s *Status) ErrorCode() string {
	if s.Error == nil {
		return ""
	}
	return s.Error.Code
}

// ID returns the id that identifies this status of this message, or "" without
// the message's id. Failures with different codes have different ids, because a
// message may fail more than once; so have the statuses of the members of a group.
func (s *Status) ID() string {
	id := s.MessageID + ":" + s.Status
	switch {
	case s.MessageID == "":
		return ""
	case s.Failed() && s.ErrorCode() != "":
		id = s.MessageID + ":" + StatusFailed + ":" + s.ErrorCode()
	}
	if member := s.Member(); member != "" {
		id += ":" + member
	}
	return id
}

// Member returns the first identity of the member of a group that the status is
// about, or "".
func (s *Status) Member() string {
	if s.Participant == nil {
		return ""
	}
	for _, identity := range s.Participant.Identities() {
		return identity
	}
	return ""
}

// Time returns the time of the status, or else that of its event. A time in the
// year 1 counts as none.
func (s *Status) Time() Time {
	return firstKnown(s.OccurredAt, s.Published)
}
