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
