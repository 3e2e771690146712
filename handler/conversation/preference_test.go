package conversation_test

import (
	"testing"

	"whatsapp-functions/handler/conversation"
)

func TestPreferenceID(t *testing.T) {
	both := conversation.Participant{Phone: "14255550123", BSUID: "US.1"}
	for name, test := range map[string]struct {
		preference conversation.Preference
		want       string
	}{
		"the first identity":     {conversation.Preference{Contact: both, Category: "marketing_messages", OccurredAt: at("2026-01-01T00:00:00Z")}, "US.1:marketing_messages:1767225600"},
		"a phone number":         {conversation.Preference{Contact: conversation.Participant{Phone: "1"}, Category: "c", OccurredAt: at("2026-01-01T00:00:00.9Z")}, "1:c:1767225600"},
		"the time of the event":  {conversation.Preference{Contact: both, Category: "c", Published: at("2026-01-01T00:00:00Z")}, "US.1:c:1767225600"},
		"no person":              {conversation.Preference{Category: "c", OccurredAt: at("2026-01-01T00:00:00Z")}, ""},
		"neither time nor class": {conversation.Preference{Contact: both}, "US.1::0"},
	} {
		if got := test.preference.ID(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
