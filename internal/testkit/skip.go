package testkit

import (
	"os"
	"testing"
)

// inCI reports whether the tests run in CI, where none is skipped.
func inCI() bool { return os.Getenv("CI") == "true" }

// Skip skips a test because the machine lacks something, and prints the reason.
// With CI=true the test fails instead: a test that never runs proves nothing.
func Skip(t testing.TB, reason string) {
	t.Helper()
	if inCI() {
		t.Fatalf("this test must not be skipped in CI: %s", reason)
	}
	t.Skip(reason)
}

// Long skips a long test under go test -short, as make test runs it, and prints
// the reason. With CI=true, and under make check, long tests run.
func Long(t testing.TB, reason string) {
	t.Helper()
	if testing.Short() && !inCI() {
		t.Skip("long, see make check: " + reason)
	}
}
