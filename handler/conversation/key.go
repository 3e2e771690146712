package conversation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// A table's key may have 512 UTF-16 units. Ours have at most two parts that
// can grow.
const (
	maxPartUnits = 200
	keptUnits    = 160
	hashDigits   = 32
)

// nobody stands for a channel or a person of whom the event tells nothing.
const nobody = "-"

// partitionKeys are the keys under which a conversation is stored, one for
// each name the person is known by: the channel's id, a bar, the name.
func partitionKeys(channel Channel, person Participant) []string {
	business := nobody
	if channel.ID != "" {
		business = keyPart(channel.ID)
	}
	names := person.identities()
	if len(names) == 0 {
		return []string{business + "|" + nobody}
	}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = business + "|" + keyPart(name)
	}
	return keys
}

// keyPart writes text, which is not empty, so that it can be a part of a table's
// key: what a key may not hold, and what separates its parts, becomes a tilde
// and two hexadecimal digits; a text too long keeps its start and gets a hash of
// the whole behind two tildes, which nothing escaped can hold.
func keyPart(text string) string {
	if text == nobody {
		return "~2d"
	}
	if len(text) <= maxPartUnits && !strings.ContainsFunc(text, mustEscape) {
		return text
	}
	var escaped strings.Builder
	units, kept := 0, 0
	for _, r := range text {
		if mustEscape(r) {
			fmt.Fprintf(&escaped, "~%02x", r)
			units += 3
		} else {
			escaped.WriteRune(r)
			units += utf16.RuneLen(r)
		}
		if units <= keptUnits {
			kept = escaped.Len()
		}
	}
	if units <= maxPartUnits {
		return escaped.String()
	}
	hash := sha256.Sum256([]byte(text))
	return escaped.String()[:kept] + "~~" + hex.EncodeToString(hash[:])[:hashDigits]
}

// mustEscape reports what Azure Tables refuses in a key (/ \ # ? and the
// control characters, C1 ones too) and what keys here use themselves.
func mustEscape(r rune) bool {
	switch r {
	case '/', '\\', '#', '?', '|', '~':
		return true
	default:
		return r < 0x20 || 0x7f <= r && r <= 0x9f
	}
}
