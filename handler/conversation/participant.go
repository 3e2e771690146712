package conversation

import (
	"regexp"
	"strings"
)

// Participant is a person. A person who hides the phone number has a BSUID only.
type Participant struct {
	// Phone is the phone number: country code and digits, without a plus sign.
	// An id in another form is kept verbatim.
	Phone string
	// BSUID is the business-scoped user id. It is the same for all numbers of
	// one business.
	BSUID string
}

// bsuid matches a BSUID: a country code, a dot, and up to 128 letters and digits.
// That of a parent account has ENT and a dot after the country code.
var bsuid = regexp.MustCompile(`^[A-Za-z]{2}\.(?i:(ENT)\.)?[0-9A-Za-z]{1,128}$`)

// NewParticipant returns the person whom a provider's fields for a phone number
// and for a BSUID identify. A value in the form of a BSUID is one in either field,
// and a phone number in the field for BSUIDs is a phone number if the other field
// is empty.
func NewParticipant(phoneField, bsuidField string) Participant {
	p := Participant{Phone: PhoneNumber(phoneField), BSUID: strings.TrimSpace(bsuidField)}
	if IsBSUID(p.Phone) {
		// A parent account is not the person.
		if !IsBSUID(p.BSUID) || isParent(p.BSUID) {
			p.BSUID = p.Phone
		}
		p.Phone = ""
	}
	if number := PhoneNumber(p.BSUID); p.Phone == "" && isPhoneNumber(number) {
		p = Participant{Phone: number}
	}
	return p
}

// IsBSUID reports whether text has the form of a BSUID.
func IsBSUID(text string) bool {
	return bsuid.MatchString(text)
}

func isParent(id string) bool {
	parts := bsuid.FindStringSubmatch(id)
	return parts != nil && parts[1] != ""
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
