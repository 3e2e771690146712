package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"whatsapp-functions/handler/conversation"
)

// A key may have 512 UTF-16 units. A key of this app has at most two parts of
// any length.
const (
	maxPartUnits = 200
	keptUnits    = 160
	hashDigits   = 32
)

// none is the key part for an unknown channel, person or error code.
const none = "-"

// Conversations returns the partition keys of a conversation, one for each
// identity of the person: the channel's id, a bar, the identity.
func Conversations(channel conversation.Channel, person conversation.Participant) []string {
	business := none
	if channel.ID != "" {
		business = keyPart(channel.ID)
	}
	identities := person.Identities()
	if len(identities) == 0 {
		return []string{business + "|" + none}
	}
	keys := make([]string, len(identities))
	for i, identity := range identities {
		keys[i] = business + "|" + keyPart(identity)
	}
	return keys
}

// MessageRowKey returns the row key of a message: the newest message of a
// conversation sorts first.
func MessageRowKey(m *conversation.Message) string {
	return newestFirst(m.Time()) + "-" + keyPart(m.ID())
}

// StatusKeys returns the keys of a status. All statuses of a message are in one
// partition, and the current one sorts first. Each failure has a row, the newest
// one first, so that the redelivery of an older one changes nothing. So has each
// member of a group.
func StatusKeys(s *conversation.Status) (partitionKey, rowKey string) {
	rowKey = strconv.Itoa(99-s.Rank()) + "-"
	if s.Failed() {
		code := none
		if s.ErrorCode() != "" {
			code = keyPart(s.ErrorCode())
		}
		rowKey += conversation.StatusFailed + "-" + newestFirst(s.Time()) + "-" + code
	} else {
		rowKey += keyPart(s.Status)
	}
	if member := s.Member(); member != "" {
		rowKey += "-" + keyPart(member)
	}
	return keyPart(s.MessageID), rowKey
}

// keyPart writes text, which is not empty, as a part of a key. A character that
// a key may not hold, or that separates parts, becomes a tilde and two
// hexadecimal digits. A text that is too long keeps its start, followed by two
// tildes and a hash of the whole. Escaped text never has two tildes in a row.
func keyPart(text string) string {
	if text == none {
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

// mustEscape reports whether Azure Tables refuses r in a key (/ \ # ? and control
// characters, C1 included) or keys of this app give it a meaning.
func mustEscape(r rune) bool {
	switch r {
	case '/', '\\', '#', '?', '|', '~':
		return true
	default:
		return r < 0x20 || 0x7f <= r && r <= 0x9f
	}
}
