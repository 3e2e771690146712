package testcase

import (
	"strings"
	"testing"
)

// Identities in a queue message are masked, also those in its JSON.
func TestMaskMessage(t *testing.T) {
	masked, err := maskMessage([]byte(`["{\"data\": {\"from\": \"491711234567\", \"text\": \"call +49 171 1234567\"}}"]`))
	if err != nil || strings.Contains(string(masked), "1234567") || !strings.HasPrefix(string(masked), `["{\"data\":`) {
		t.Errorf("%s, %v", masked, err)
	}
	for events, want := range map[string]string{
		`["call +49 171 1234567"]`: "the queue message is not JSON: identities in it can't be masked",
		`["a","b"]`:                "the function has a queue trigger: events must be an array with the text of one message",
		`[{}]`:                     "the function has a queue trigger: events must be an array with the text of one message",
	} {
		if _, err := maskMessage([]byte(events)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", events, err)
		}
	}
}
