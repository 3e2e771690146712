package bridge

import "whatsapp-functions/handler/lenient"

// Function turns events into outputs. It is called from many goroutines at
// once.
type Function interface {
	// Name is the name of the function's folder.
	Name() string
	// Outputs are those that its function.json may bind, besides
	// rejectedEvents, which it must.
	Outputs() []Output
	// Handle writes what comes of one event, a JSON object, to out, or says
	// why nothing does. What it has added is taken back if it panics, and if
	// it returns a rejection that is not marked as written. It must not keep
	// out.
	Handle(event lenient.Value, out *Outputs) *Rejection
}

// Output is an output that a function offers.
type Output struct {
	// Name is the binding's name, as function.json must spell it.
	Name string
	Kind Kind
	// Every says that whatever event is not rejected goes to the output.
	Every bool
}

// Kind is what sort of thing an output is written to.
type Kind string

// The kinds of outputs. To a Queue goes a text per message, to a Table a text
// per row, a JSON object.
const (
	Queue Kind = "queue"
	Table Kind = "table"
	blob  Kind = "blob"
)

// types are the binding types that may stand behind an output of this kind.
// The host treats an array of texts alike for all of them.
func (k Kind) types() []string {
	if k == Queue {
		return []string{"queue", "serviceBus", "eventHub"}
	}
	return []string{string(k)}
}

// rejectedEvents is the output that every function must bind.
var rejectedEvents = Output{Name: "rejectedEvents", Kind: blob}
