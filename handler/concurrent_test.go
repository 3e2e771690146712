package main

import (
	"encoding/json/jsontext"
	"io"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Concurrent invocations share nothing: each has the answer that it has alone,
// although buffers are used again.
func TestConcurrentInvocations(t *testing.T) {
	server := serveApp(t, withStatusUpdates(t), io.Discard)
	type question struct{ function, trigger string }
	var questions []question
	for _, name := range samples(t) {
		events := sample(t, name)
		for _, function := range both {
			questions = append(questions, question{function, many(events)})
			for _, event := range events {
				questions = append(questions, question{function, one(event)})
			}
		}
	}
	for _, event := range hostile() {
		questions = append(questions, question{receiver, many([]jsontext.Value{event, event})})
	}
	alone := make([]answer, len(questions))
	for i, q := range questions {
		alone[i] = invoke(t, server, q.function, q.trigger)
	}
	var asking sync.WaitGroup
	for worker := range 4 {
		asking.Go(func() {
			for i := range questions {
				i = (i*7 + worker*31) % len(questions)
				if diff := cmp.Diff(alone[i], invoke(t, server, questions[i].function, questions[i].trigger)); diff != "" {
					t.Errorf("the answer among others differs:\n%.1000s", diff)
					return
				}
			}
		})
	}
	asking.Wait()
}
