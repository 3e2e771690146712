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

// partitionKeys are the keys under which a conversation is stored, one for
// each name the person is known by: the channel's id, a bar, the name.
func partitionKeys(channel Channel, person Participant) []string {
	side := "-"
	if channel.ID != "" {
		side = keyPart(channel.ID)
	}
	names := person.identities()
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = side + "|" + keyPart(name)
	}
	return keys
}

// keyPart writes text so that it can be a part of a table's key: what a key
// may not hold, and what separates its parts, becomes a tilde and two
// hexadecimal digits; a text too long keeps its start and gets a hash of the
// whole behind two tildes, which nothing escaped can hold.
func keyPart(text string) string {
	var escaped strings.Builder
	units, kept := 0, 0
	for _, r := range text {
		if mustEscape(r) {
			fmt.Fprintf(&escaped, "~%02x", r)
			units += len("~00")
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
	return r < 0x20 || 0x7f <= r && r <= 0x9f || strings.ContainsRune(`/\#?|~`, r)
}
