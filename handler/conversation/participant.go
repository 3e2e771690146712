package conversation

import "strings"

// Channel is the business's side of a conversation.
type Channel struct {
	// Type is the network in lower case, such as "whatsapp", or "unknown".
	Type string
	// ID is the id under which the provider knows the business's number. A GUID
	// is in lower case.
	ID string
}

// Participant is a person. A person who hides the phone number has a BSUID only.
type Participant struct {
	// Phone is the phone number: country code and digits, without a plus sign.
	// An id in another form is kept verbatim.
	Phone string
	// BSUID is the business-scoped user id: a country code, a dot, and up to 128
	// letters and digits. It is the same for all numbers of one business.
	BSUID string
}

// Identities returns the names by which the person is known, the BSUID first:
// none, one or two.
func (p Participant) Identities() []string {
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

// leastDigits is the least number of digits of a phone number that is written
// with spaces, hyphens or parentheses. A shorter text is an id in another form.
const leastDigits = 7

// PhoneNumber returns the digits of a phone number. It returns text that is not
// written like a phone number unchanged, so that two people never become one.
func PhoneNumber(text string) string {
	text = strings.TrimSpace(text)
	if isDigits(text) {
		return text
	}
	digits := make([]byte, 0, len(text))
	separators := 0
	for i, r := range strings.TrimPrefix(text, "+") {
		switch {
		case '0' <= r && r <= '9':
			digits = append(digits, byte(r))
		case strings.ContainsRune(" ()", r) || r == '-' && i > 0:
			separators++
		default:
			return text
		}
	}
	if len(digits) == 0 || separators > 0 && len(digits) < leastDigits {
		return text
	}
	return string(digits)
}

func isDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}

// LowerGUID returns a GUID in lower case, because providers write either case.
// It returns any other id unchanged.
func LowerGUID(id string) string {
	if !isGUID(id) {
		return id
	}
	return strings.ToLower(id)
}

func isGUID(id string) bool {
	if len(id) != len("00000000-0000-0000-0000-000000000000") {
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
