package conversation

// Failure is what to make of a message that failed.
type Failure struct {
	Class FailureClass `json:"class"`
	Retry Retry        `json:"retry"`
	// Advice is a sentence for the person who reads it.
	Advice string `json:"advice"`
}

// FailureClass is where the cause of a failure lies.
type FailureClass string

// The classes of failures.
const (
	// ClassTransient failures pass by themselves.
	ClassTransient FailureClass = "transient"
	// ClassUnknownOutcome: the message may have been sent all the same.
	ClassUnknownOutcome FailureClass = "unknown-outcome"
	// ClassWindowClosed: the person last wrote too long ago; only a template
	// may be sent.
	ClassWindowClosed FailureClass = "window-closed"
	// ClassPolicy: the network holds the message back; trying again does harm.
	ClassPolicy FailureClass = "policy"
	// ClassOptedOut: the person wants no such messages.
	ClassOptedOut FailureClass = "opted-out"
	// ClassRecipient: this person can't be reached.
	ClassRecipient FailureClass = "recipient"
	// ClassConfiguration: nothing can be sent until somebody corrects the
	// set-up or the content.
	ClassConfiguration FailureClass = "configuration"
	// ClassUnknown: the code tells nothing.
	ClassUnknown FailureClass = "unknown"
)

// Retry is whether sending again makes sense.
type Retry string

// The answers to "shall I send it again?".
const (
	// RetryBackoff: yes, later, and later still each time.
	RetryBackoff Retry = "backoff"
	// RetryCheckFirst: only after making sure that the first one did not arrive.
	RetryCheckFirst Retry = "check-first"
	// RetryNever: no.
	RetryNever Retry = "never"
)
