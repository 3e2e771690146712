package conversation

import "strings"

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

// isPhoneNumber reports whether text is the digits of a phone number
// (https://www.itu.int/rec/T-REC-E.164).
func isPhoneNumber(text string) bool {
	return len(text) >= leastDigits && len(text) <= 15 && isDigits(text)
}

func isDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}
