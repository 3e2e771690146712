package testcase

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
)

// readMessage returns the text of the queue message in events.
func readMessage(events jsontext.Value) (string, error) {
	var texts []string
	if err := json.Unmarshal(events, &texts, loose...); err != nil || len(texts) != 1 {
		return "", errors.New("the function has a queue trigger: events must be an array with the text of one message")
	}
	return texts[0], nil
}

// maskMessage masks the identities in the JSON of a queue message.
func maskMessage(events jsontext.Value) (jsontext.Value, error) {
	text, err := readMessage(events)
	if err != nil {
		return nil, err
	}
	if !jsontext.Value(text).IsValid(loose...) {
		return nil, errors.New("the queue message is not JSON: identities in it can't be masked")
	}
	masked, err := Mask(jsontext.Value(text))
	if err != nil {
		return nil, err
	}
	return json.Marshal([]string{string(masked)})
}

// isQueue reports whether queue messages invoke a function.
func (r *Runner) isQueue(function string) bool {
	f, ok := r.platform.App().Function(function)
	return ok && f.Queue != ""
}

// runMessage calls a function with the text of a queue message. A failure is in
// the result.
func (r *Runner) runMessage(ctx context.Context, function string, events jsontext.Value) (Case, error) {
	text, err := readMessage(events)
	if err != nil {
		return Case{}, err
	}
	err = r.platform.Input(ctx, function, text)
	invocations := r.results.take()
	if len(invocations) == 0 {
		return Case{}, errors.Join(fmt.Errorf("%s was not invoked", function), err)
	}
	return New(function, events, invocations...), nil
}
