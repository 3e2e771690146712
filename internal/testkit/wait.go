package testkit

import (
	"testing"
	"time"
)

// waitLimit is generous: on a busy machine a slow answer is not a failure.
const waitLimit = 2 * time.Minute

// WaitUntil waits until done returns true. It fails the test with the
// description if that takes longer than two minutes.
func WaitUntil(t testing.TB, description string, done func() bool) {
	t.Helper()
	if !poll(t, done) {
		t.Fatalf("gave up after %s waiting until %s", waitLimit, description)
	}
}

// poll calls done until it returns true or the limit is over.
func poll(t testing.TB, done func() bool) bool {
	t.Helper()
	for end := time.Now().Add(waitLimit); ; time.Sleep(5 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
