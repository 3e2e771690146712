package record

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"whatsapp-functions/handler/conversation"
)

// checkKey checks that a table takes a key
// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
func checkKey(t *testing.T, key string) {
	t.Helper()
	if key == "" || !utf8.ValidString(key) || units(key) > 512 {
		t.Fatalf("a key of %d units: %q", units(key), key)
	}
	for _, r := range key {
		if r < 0x20 || 0x7f <= r && r <= 0x9f || strings.ContainsRune(`/\#?`, r) {
			t.Fatalf("a key with %q: %q", r, key)
		}
	}
}

// unescape reverses the escaping of a part that was not cut.
func unescape(t *testing.T, part string) string {
	t.Helper()
	var text strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] != '~' {
			text.WriteByte(part[i])
			continue
		}
		var r rune
		if _, err := fmt.Sscanf(part[i+1:i+3], "%02x", &r); err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		text.WriteRune(r)
		i += 2
	}
	return text.String()
}

// Ids can be any text. Azure Tables accepts every key, and two different texts
// never have the same key.
func FuzzKeys(f *testing.F) {
	f.Add("75476a19-a68d-4e10-806c-3680f099e069", "14255550123", "US.13491208655302741918", "m", int64(638_000_000_000_000_000))
	f.Add("", "", "", "-", int64(0))
	f.Add("-", "~2d", "~", "~~", int64(-1))
	f.Add("a|b", "c", "a", "b|c", int64(1))
	f.Add(strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("é", 160), strings.Repeat("😀", 101), int64(1)<<60)
	f.Add("/\\#?\x00\x1f\x7f\u0080\u009f", "\u00a0\ufeff\u2028", "..", "../../etc/passwd", int64(1)<<40)
	f.Add(strings.Repeat("/", 67), strings.Repeat("/", 66)+"aa", strings.Repeat("~", 54), strings.Repeat("😀", 80)+"\x00"+strings.Repeat("a", 40), int64(7))
	f.Fuzz(func(t *testing.T, a, b, c, d string, seconds int64) {
		texts := []string{a, b, c, d}
		for i, text := range texts { // what is read from JSON is UTF-8
			texts[i] = strings.ToValidUTF8(text, "\uFFFD")
		}
		for i, text := range texts {
			if text == "" {
				continue
			}
			part := keyPart(text)
			checkKey(t, part)
			if units(part) > maxPartUnits || strings.Contains(part, "|") || part == none {
				t.Fatalf("%q becomes %q", text, part)
			}
			if !strings.Contains(part, "~~") && unescape(t, part) != text {
				t.Fatalf("%q becomes %q, which is %q", text, part, unescape(t, part))
			}
			for _, other := range texts[i+1:] {
				if other != "" && (text == other) != (part == keyPart(other)) {
					t.Fatalf("%q and %q become %q and %q", text, other, part, keyPart(other))
				}
			}
		}
		checkConversations(t, texts)
		checkRowKeys(t, texts, seconds)
	})
}

// checkConversations checks that two pairs of a channel and an identity never
// share a conversation.
func checkConversations(t *testing.T, texts []string) {
	t.Helper()
	keys := map[string][2]string{}
	for _, channel := range texts {
		for _, name := range texts {
			conversations := Conversations(conversation.Channel{ID: channel}, conversation.Participant{Phone: name})
			if len(conversations) != 1 {
				t.Fatalf("one identity, conversations %q", conversations)
			}
			key := conversations[0]
			checkKey(t, key)
			pair := [2]string{channel, name}
			if before, seen := keys[key]; seen && before != pair {
				t.Fatalf("%q and %q are one conversation, %q", before, pair, key)
			}
			keys[key] = pair
		}
	}
}

// checkRowKeys checks that newer messages sort first, whatever their ids, and so
// do statuses of a higher rank.
func checkRowKeys(t *testing.T, texts []string, seconds int64) {
	t.Helper()
	const year2, year9999 = 31536000, 315537897599
	year1 := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	at := time.Unix(year1+year2+abs(seconds)%(year9999-year2), 0)
	older := MessageRowKey(&conversation.Message{EventID: "e", MessageID: texts[0], ReceivedAt: conversation.At(at)})
	newer := MessageRowKey(&conversation.Message{EventID: "e", MessageID: texts[1], ReceivedAt: conversation.At(at.Add(100 * time.Nanosecond))})
	timeless := MessageRowKey(&conversation.Message{EventID: "e", MessageID: texts[2]})
	if !(newer < older && older < timeless) {
		t.Fatalf("row keys out of order: %q, %q, %q", newer, older, timeless)
	}
	for _, key := range []string{newer, older, timeless} {
		checkKey(t, key)
	}
	other := conversation.StatusName(texts[3])
	ranked := []string{conversation.StatusRead, conversation.StatusDelivered, conversation.StatusFailed, conversation.StatusSent, other}
	last := ""
	for _, name := range ranked {
		s := &conversation.Status{MessageID: "m", Status: name}
		_, key := StatusKeys(s)
		checkKey(t, key)
		if name == other && s.Rank() > 0 {
			continue
		}
		if key <= last {
			t.Fatalf("%q does not sort after %q", key, last)
		}
		last = key
	}
}

func abs(n int64) int64 {
	if n < 0 {
		n = -(n + 1)
	}
	return n
}
