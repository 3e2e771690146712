package conversation

import "strings"

// Channel is the business's end of a conversation.
type Channel struct {
	// Type is the network, in lower case: "whatsapp". It is "unknown" where
	// the provider does not tell.
	Type string `json:"type"`
	// ID is what the provider registered the business's number under. A GUID
	// is in lower case.
	ID string `json:"id"`
}

// Participant is a person. One who hides the phone number has only a BSUID,
// an id that is the same for every number of one business.
type Participant struct {
	// Phone is the number: country code and digits, without a plus sign. An
	// id of a network that knows no numbers is kept as it came.
	Phone string `json:"phone,omitzero"`
	// BSUID is the business-scoped user id: a country code, a dot, and up to
	// 128 letters and digits.
	BSUID string `json:"bsuid,omitzero"`
}

// identities are the names a person is known by, the lasting one first.
func (p Participant) identities() []string {
	switch {
	case p.Phone == "" && p.BSUID == "":
		return nil
	case p.Phone == "" || p.Phone == p.BSUID:
		return []string{p.BSUID}
	case p.BSUID == "":
		return []string{p.Phone}
	default:
		return []string{p.BSUID, p.Phone}
	}
}

// leastDigits is how few digits a number has that may be written with signs
// between them. An id of another network is not to be taken for one.
const leastDigits = 7

// PhoneNumber is a phone number's digits. Text that is not written like a
// number is returned as it is, so that two people never become one.
func PhoneNumber(text string) string {
	text = strings.TrimSpace(text)
	if isDigits(text) {
		return text
	}
	digits := make([]byte, 0, len(text))
	signs := 0
	for i, r := range strings.TrimPrefix(text, "+") {
		switch {
		case '0' <= r && r <= '9':
			digits = append(digits, byte(r))
		case strings.ContainsRune(" ()", r) || r == '-' && i > 0:
			signs++
		default:
			return text
		}
	}
	if len(digits) == 0 || signs > 0 && len(digits) < leastDigits {
		return text
	}
	return string(digits)
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// LowerGUID puts a GUID in lower case, for one provider writes them in either.
// Any other id is returned as it is.
func LowerGUID(id string) string {
	if !isGUID(id) {
		return id
	}
	return strings.ToLower(id)
}

func isGUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return false
			}
		}
	}
	return true
}
