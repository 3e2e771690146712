package conversation_test

import (
	"testing"

	"whatsapp-functions/handler/conversation"
)

func TestStatusName(t *testing.T) {
	for text, want := range map[string]string{
		"Sent": "sent", " READ\n": "read", "Warning": "warning", "": "unknown", "  ": "unknown",
	} {
		if got := conversation.StatusName(text); got != want {
			t.Errorf("StatusName(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStatusID(t *testing.T) {
	failure := &conversation.Error{Code: "131026"}
	member := &conversation.Participant{Phone: "14255550123", BSUID: "US.1"}
	for name, test := range map[string]struct {
		status conversation.Status
		want   string
	}{
		"a status":                         {conversation.Status{MessageID: "m", Status: "read"}, "m:read"},
		"without a message":                {conversation.Status{Status: "read", Participant: member}, ""},
		"a failure":                        {conversation.Status{MessageID: "m", Status: "failed", Error: failure}, "m:failed:131026"},
		"a failure without a code":         {conversation.Status{MessageID: "m", Status: "failed"}, "m:failed"},
		"an unknown status with a code":    {conversation.Status{MessageID: "m", Status: "warning", Error: failure}, "m:failed:131026"},
		"delivered with an error":          {conversation.Status{MessageID: "m", Status: "delivered", Error: failure}, "m:delivered"},
		"a member of a group":              {conversation.Status{MessageID: "m", Status: "read", Participant: member}, "m:read:US.1"},
		"a member with a phone number":     {conversation.Status{MessageID: "m", Status: "read", Participant: &conversation.Participant{Phone: "1"}}, "m:read:1"},
		"a member who is not known":        {conversation.Status{MessageID: "m", Status: "read", Participant: &conversation.Participant{}}, "m:read"},
		"the failure of a group's member":  {conversation.Status{MessageID: "m", Status: "failed", Error: failure, Participant: member}, "m:failed:131026:US.1"},
		"a member's failure without codes": {conversation.Status{MessageID: "m", Status: "failed", Participant: member}, "m:failed:US.1"},
	} {
		if got := test.status.ID(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
