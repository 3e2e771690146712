package conversation

// Failure classifies the failure of a message.
type Failure struct {
	Class FailureClass
	Retry Retry
	// Advice is a sentence for people.
	Advice string
}

// FailureClass is the kind of cause of a failure.
type FailureClass string

// The classes of failures.
const (
	// ClassTransient failures pass without a change.
	ClassTransient FailureClass = "transient"
	// ClassUnknownOutcome means that the message may have been sent.
	ClassUnknownOutcome FailureClass = "unknown-outcome"
	// ClassWindowClosed means that the customer service window is closed: only a
	// template may be sent.
	ClassWindowClosed FailureClass = "window-closed"
	// ClassPolicy means that WhatsApp refuses the message: another attempt does
	// harm.
	ClassPolicy FailureClass = "policy"
	// ClassOptedOut means that the person wants no such messages.
	ClassOptedOut FailureClass = "opted-out"
	// ClassRecipient means that this person can't be reached.
	ClassRecipient FailureClass = "recipient"
	// ClassConfiguration means that somebody has to correct the configuration or
	// the content first.
	ClassConfiguration FailureClass = "configuration"
	// ClassUnknown means that the code is not known.
	ClassUnknown FailureClass = "unknown"
)

// Retry answers whether the message may be sent again.
type Retry string

// The answers.
const (
	// RetryBackoff: later, with growing delays.
	RetryBackoff Retry = "backoff"
	// RetryCheckFirst: only after checking that the first one did not arrive.
	RetryCheckFirst Retry = "check-first"
	// RetryNever: not at all.
	RetryNever Retry = "never"
)
