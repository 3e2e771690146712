package conversation_test

import (
	"slices"
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

func TestStatusRowKeys(t *testing.T) {
	for status, want := range map[string]string{
		"read":      "69-read",
		"delivered": "79-delivered",
		"failed":    "84-failed",
		"sent":      "89-sent",
		"unknown":   "99-unknown",
		"played":    "99-played",
		"a/b":       "99-a~2fb",
	} {
		s := conversation.Status{MessageID: "m", Status: status}
		if got := s.RowKey(); got != want {
			t.Errorf("%s: got %s, want %s", status, got, want)
		}
	}
}

// Whatever order statuses come in, the first row of a message is its current
// one: a delivered message stays delivered.
func TestFirstRowIsCurrent(t *testing.T) {
	for name, test := range map[string]struct {
		came []string
		want string
	}{
		"in order":                   {[]string{"sent", "delivered", "read"}, "69-read"},
		"out of order":               {[]string{"read", "sent", "delivered"}, "69-read"},
		"failed after delivered":     {[]string{"delivered", "failed"}, "79-delivered"},
		"failed after sent":          {[]string{"failed", "sent"}, "84-failed"},
		"unknown is behind them all": {[]string{"warning", "sent"}, "89-sent"},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			for _, status := range test.came {
				keys = append(keys, (&conversation.Status{Status: status}).RowKey())
			}
			if got := slices.Min(keys); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
