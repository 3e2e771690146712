package conversation_test

import (
	"testing"

	"whatsapp-functions/handler/conversation"
)

func TestPhoneNumber(t *testing.T) {
	for text, want := range map[string]string{
		"14255550123":         "14255550123",
		"+14255550123":        "14255550123",
		" +1 (425) 555-0123 ": "14255550123",
		"(425) 555-0123":      "4255550123",
		"1.425.555.0123":      "1.425.555.0123",
		"14255550123.5":       "14255550123.5",
		"-100123":             "-100123",
		"100123":              "100123",
		"1-23":                "1-23",
		"-":                   "-",
		"++1":                 "++1",
		"":                    "",
		"+":                   "+",
		"{sender@id}":         "{sender@id}",
		"US.13491208655302":   "US.13491208655302",
		"１２３":                 "１２３",
	} {
		if got := conversation.PhoneNumber(text); got != want {
			t.Errorf("PhoneNumber(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLowerGUID(t *testing.T) {
	for id, want := range map[string]string{
		"75476A19-A68D-4E10-806C-3680F099E069":  "75476a19-a68d-4e10-806c-3680f099e069",
		"75476a19-a68d-4e10-806c-3680f099e069":  "75476a19-a68d-4e10-806c-3680f099e069",
		"75476A19A68D4E10806C3680F099E069":      "75476A19A68D4E10806C3680F099E069",
		"75476A19-A68D-4E10-806C-3680F099E06G":  "75476A19-A68D-4E10-806C-3680F099E06G",
		"75476A19-A68D-4E10-806C_3680F099E069":  "75476A19-A68D-4E10-806C_3680F099E069",
		"wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQzQQA": "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQzQQA",
		"":                                      "",
	} {
		if got := conversation.LowerGUID(id); got != want {
			t.Errorf("LowerGUID(%q) = %q, want %q", id, got, want)
		}
	}
}
