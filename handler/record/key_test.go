package record

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/handler/conversation"
)

func TestKeyPart(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain text stays":            {"75476a19-a68d-4e10-806c-3680f099e069", "75476a19-a68d-4e10-806c-3680f099e069"},
		"letters of any script stay":  {"مرحبا é 👍", "مرحبا é 👍"},
		"what Azure refuses":          {`a/b\c#d?e`, "a~2fb~5cc~23d~3fe"},
		"what keys of this app use":   {"a|b~c", "a~7cb~7ec"},
		"control characters":          {"\x00\x1f\x7f\u0085\u009f", "~00~1f~7f~85~9f"},
		"as long as a part may be":    {strings.Repeat("m", 200), strings.Repeat("m", 200)},
		"too long":                    {strings.Repeat("m", 201), strings.Repeat("m", 160) + "~~" + hash(strings.Repeat("m", 201))},
		"too long once escaped":       {strings.Repeat("/", 67), strings.Repeat("~2f", 53) + "~~" + hash(strings.Repeat("/", 67))},
		"the part for an unknown one": {"-", "~2d"},
		"cut between two characters":  {"x" + strings.Repeat("👍", 100), "x" + strings.Repeat("👍", 79) + "~~" + hash("x"+strings.Repeat("👍", 100))},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, keyPart(test.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:32]
}

func FuzzKeyPart(f *testing.F) {
	for _, text := range []string{"", "~", "~~", "a|b", "/\\#?", strings.Repeat("é", 150), strings.Repeat("~", 80), "\u0085"} {
		f.Add(text, text+"x")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		if one == "" || two == "" {
			return
		}
		one, two = strings.ToValidUTF8(one, "�"), strings.ToValidUTF8(two, "�")
		key := keyPart(one)
		if n := len(utf16.Encode([]rune(key))); n > maxPartUnits {
			t.Errorf("%q: %d units", key, n)
		}
		for _, r := range key {
			if r != '~' && mustEscape(r) {
				t.Errorf("%q holds %q", key, r)
			}
		}
		if one != two && key == keyPart(two) {
			t.Errorf("%q and %q share the key %q", one, two, key)
		}
	})
}

func TestConversations(t *testing.T) {
	channel := conversation.Channel{Type: "whatsapp", ID: "channel"}
	for name, test := range map[string]struct {
		channel conversation.Channel
		person  conversation.Participant
		want    []string
	}{
		"a phone":               {channel, conversation.Participant{Phone: "14255550123"}, []string{"channel|14255550123"}},
		"a business-scoped id":  {channel, conversation.Participant{BSUID: "US.1"}, []string{"channel|US.1"}},
		"both, the BSUID first": {channel, conversation.Participant{Phone: "1", BSUID: "US.1"}, []string{"channel|US.1", "channel|1"}},
		"the same twice":        {channel, conversation.Participant{Phone: "US.1", BSUID: "US.1"}, []string{"channel|US.1"}},
		"no identity":           {channel, conversation.Participant{}, []string{"channel|-"}},
		"no channel":            {conversation.Channel{}, conversation.Participant{Phone: "1"}, []string{"-|1"}},
		"a bar in an id":        {conversation.Channel{ID: "a|b"}, conversation.Participant{Phone: "c|d"}, []string{"a~7cb|c~7cd"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Conversations(test.channel, test.person)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowKeysFitIntoAzure(t *testing.T) {
	long := strings.Repeat("/", 1000)
	keys := Conversations(conversation.Channel{ID: long}, conversation.Participant{Phone: long, BSUID: long + "x"})
	keys = append(keys, MessageRowKey(&conversation.Message{MessageID: long}))
	partitionKey, rowKey := StatusKeys(&conversation.Status{MessageID: long, Status: long})
	keys = append(keys, partitionKey, rowKey)
	for _, key := range keys {
		if n := len(utf16.Encode([]rune(key))); n > 512 {
			t.Errorf("%d units: %s", n, key)
		}
	}
}
