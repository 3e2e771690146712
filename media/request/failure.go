package request

import "fmt"

// Reason is why a file can't be stored, whatever is tried again.
type Reason string

// The reasons.
const (
	// Gone: the provider no longer has the file.
	Gone Reason = "gone"
	// TooLarge: the file is larger than the limit of this app.
	TooLarge Reason = "too-large"
	// Forbidden: the provider refuses the token or key.
	Forbidden Reason = "forbidden"
	// Mismatch: the provider sends another file than it announced.
	Mismatch Reason = "mismatch"
)

// Failure is an error that no retry fixes. Every other error is retried by the host.
type Failure struct {
	Reason Reason
	// Detail is a sentence for people. It has no personal data.
	Detail string
	// Status is the HTTP status of the provider's answer, or 0.
	Status int
}

// Error implements error.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s", f.Reason, f.Detail)
}
