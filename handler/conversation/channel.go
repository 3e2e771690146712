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
