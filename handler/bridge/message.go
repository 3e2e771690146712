package bridge

import (
	"context"
	"encoding/json/jsontext"
	"fmt"

	"whatsapp-functions/handler/lenient"
)

// readMessage returns the text of a queue message. The host writes the text as a JSON
// string, whatever it is, and writes that into another string: hello is sent as
// "\"hello\"". A value in any other form is returned as the host sent it.
//
// The message's own text must be read from here: in Metadata the host takes the
// fields of a message that is a JSON object for the queue's, and rewrites numbers and
// dates.
func readMessage(value jsontext.Value, scratch *scratch) string {
	if value.Kind() != jsontext.KindString {
		return string(value)
	}
	scratch.text = lenient.AppendUnquoted(scratch.text[:0], value)
	inner, err := lenient.Parse(scratch.text)
	if err != nil || inner.Kind() != jsontext.KindString {
		return string(scratch.text)
	}
	return inner.Text()
}

// process calls the function for a message.
func (r *Results) process(ctx context.Context, function *boundFunction, message string) error {
	r.begin()
	if err := function.Process(ctx, message, r); err != nil {
		return fmt.Errorf("%w: %w", errProcess, err)
	}
	r.counts = addCounts(r.counts, r.pending)
	r.events++
	return nil
}
