package conversation_test

import (
	"strings"
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

func TestNewParticipant(t *testing.T) {
	type person = conversation.Participant
	for name, test := range map[string]struct {
		phone, bsuid string
		want         person
	}{
		"a phone number":                      {"+14255550123", "", person{Phone: "14255550123"}},
		"a BSUID":                             {"", " US.13491208655302741918 ", person{BSUID: "US.13491208655302741918"}},
		"both":                                {"14255550123", "US.1", person{Phone: "14255550123", BSUID: "US.1"}},
		"a BSUID in the phone field":          {"AR.13491208655302741918", "", person{BSUID: "AR.13491208655302741918"}},
		"that of a parent in the phone field": {"US.ENT.11815799212886844830", "", person{BSUID: "US.ENT.11815799212886844830"}},
		"the same in both fields":             {"US.1", "US.1", person{BSUID: "US.1"}},
		"two, one of them that of a parent":   {"US.1", "US.ENT.2", person{BSUID: "US.1"}},
		"two, the other one that of a parent": {"US.ENT.2", "US.1", person{BSUID: "US.1"}},
		"a phone number in the BSUID field":   {"", "+1 425 555 0123", person{Phone: "14255550123"}},
		"letters in a BSUID":                  {"", "DE.a1B2c3", person{BSUID: "DE.a1B2c3"}},
		"an id in another form":               {"{sender@id}", "x", person{Phone: "{sender@id}", BSUID: "x"}},
		"a number with a dot":                 {"1.425.555.0123", "", person{Phone: "1.425.555.0123"}},
		"too long for a BSUID":                {"US." + strings.Repeat("1", 129), "", person{Phone: "US." + strings.Repeat("1", 129)}},
		"nobody":                              {"", "", person{}},
	} {
		if got := conversation.NewParticipant(test.phone, test.bsuid); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

// For any text a phone number is never a BSUID, and no identity is lost.
func FuzzParticipant(f *testing.F) {
	f.Add("14255550123", "US.1")
	f.Add("US.ENT.1", "US.1")
	f.Add("", "1425555012")
	f.Add("\xe2", "\x80\x80") // together they would be a space
	f.Fuzz(func(t *testing.T, phone, bsuid string) {
		p := conversation.NewParticipant(phone, bsuid)
		if conversation.IsBSUID(p.Phone) {
			t.Errorf("%q, %q: the phone number is a BSUID: %+v", phone, bsuid, p)
		}
		if named := strings.TrimSpace(phone) != "" || strings.TrimSpace(bsuid) != ""; named != (len(p.Identities()) > 0) {
			t.Errorf("%q, %q: %+v", phone, bsuid, p)
		}
		if again := conversation.NewParticipant(p.Phone, p.BSUID); again != p {
			t.Errorf("%+v becomes %+v", p, again)
		}
	})
}
