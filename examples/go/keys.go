package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// The keys of the tables, as the app builds them:
//
//   - A GUID is in lower case. A phone number is its digits, without +.
//   - A missing channel id or identity is "-". A part that is "-" becomes "~2d".
//   - In each part / \ # ? | ~ and the control characters U+0000 to U+001F and
//     U+007F to U+009F become ~ and two lower-case hexadecimal digits.
//   - A part that is then longer than 200 UTF-16 units becomes its first 160,
//     without splitting an escape or a surrogate pair, ~~, and the first 32
//     hexadecimal digits of the SHA-256 of the original part in UTF-8.
//   - PartitionKey of Messages is <channel id>|<identity>; of MessageStatus it
//     is the message id.

var (
	guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	// number is a phone number as people write it.
	number = regexp.MustCompile(`^\+?[0-9 ()][0-9 ()-]*$`)
	// escapedPart is a part that is escaped already, as in a message's
	// conversations.
	escapedPart = regexp.MustCompile(`^(?:[^/\\#?|~\x00-\x1f\x7f-\x9f]|~(?:2f|5c|23|3f|7c|7e|[01][0-9a-f]|7f|[89][0-9a-f]))*(?:~~[0-9a-f]{32})?$|^~2d$`)
)

// messageKey returns the partition key of a message's statuses.
func messageKey(messageID string) string {
	return keyPart(lowerGUID(strings.TrimSpace(messageID)))
}

// conversationKey returns the partition key of a conversation's messages:
// <channel id>|<phone number or BSUID>, or the key itself.
func conversationKey(conversation string) (string, error) {
	channel, identity, found := strings.Cut(conversation, "|")
	if !found {
		return "", fmt.Errorf("%q is not <channel id>|<phone number or BSUID>", conversation)
	}
	return conversationPart(lowerGUID(strings.TrimSpace(channel))) + "|" + conversationPart(phoneNumber(identity)), nil
}

func conversationPart(text string) string {
	if text == "" || text == "-" {
		return "-"
	}
	if len(utf16.Encode([]rune(text))) <= 200 && escapedPart.MatchString(text) {
		return text
	}
	return keyPart(text)
}

// keyPart escapes a part of a key.
func keyPart(text string) string {
	if text == "-" {
		return "~2d"
	}
	var escaped strings.Builder
	units, kept := 0, 0
	for _, r := range text {
		if strings.ContainsRune(`/\#?|~`, r) || r < 0x20 || 0x7f <= r && r <= 0x9f {
			fmt.Fprintf(&escaped, "~%02x", r)
			units += 3
		} else {
			escaped.WriteRune(r)
			units += utf16.RuneLen(r)
		}
		if units <= 160 {
			kept = escaped.Len()
		}
	}
	if units <= 200 {
		return escaped.String()
	}
	hash := sha256.Sum256([]byte(text))
	return escaped.String()[:kept] + "~~" + hex.EncodeToString(hash[:])[:32]
}

func lowerGUID(id string) string {
	if guid.MatchString(id) {
		return strings.ToLower(id)
	}
	return id
}

// phoneNumber returns the digits of a phone number, and any other identity
// unchanged. Fewer than seven digits with signs between them are not a number.
func phoneNumber(text string) string {
	text = strings.TrimSpace(text)
	if !number.MatchString(text) {
		return text
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("+ ()-", r) {
			return -1
		}
		return r
	}, text)
	signs := len(strings.TrimPrefix(text, "+")) > len(digits)
	if digits == "" || signs && len(digits) < 7 {
		return text
	}
	return digits
}
