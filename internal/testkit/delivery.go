package testkit

import (
	"net/http"
	"strings"
	"testing"
)

// Deliver posts events to a function's webhook as Event Grid does, and returns
// the status of the answer.
func Deliver(t testing.TB, webhook, events string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, webhook, strings.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("aeg-event-type", "Notification")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
