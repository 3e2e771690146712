package record_test

import (
	"regexp"
	"strings"
	"testing"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/record"
)

func fileMessage(channel, id, mimeType string) *conversation.Message {
	return &conversation.Message{
		MessageID: id, Channel: conversation.Channel{ID: channel}, Media: &conversation.Media{ID: "1", MIMEType: mimeType},
	}
}

func TestMediaBlob(t *testing.T) {
	const (
		wamid = "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQzQTREQ0MyQzlCMkE2RTUyOTBGOQA="
		waba  = "urn:meta:whatsapp:102290129340398"
	)
	for name, test := range map[string]struct{ source, channel, id, mimeType, want string }{
		"Meta":                       {waba, "106540352242922", wamid, "image/jpeg", "106540352242922/{hash}.jpg"},
		"ACS":                        {"/subscriptions/1", "9f1c2d3e-0a1b-4c5d-8e6f-112233445566", "75476a19-a68d-4e10-806c-3680f099e069", "application/pdf", "9f1c2d3e-0a1b-4c5d-8e6f-112233445566/{hash}.pdf"},
		"a type with parameters":     {waba, "1", wamid, "Audio/OGG; codecs=opus", "1/{hash}.ogg"},
		"a type that is not listed":  {waba, "1", wamid, "text/html", "1/{hash}"},
		"no type":                    {waba, "1", wamid, "", "1/{hash}"},
		"no channel":                 {waba, "", wamid, "image/png", "-/{hash}.png"},
		"a channel called -":         {waba, "-", wamid, "image/png", "~{hash}/{hash}.png"},
		"a channel outside its path": {waba, "../..", wamid, "image/png", "~{hash}/{hash}.png"},
		"a channel with spaces":      {waba, "a b", wamid, "image/png", "~{hash}/{hash}.png"},
		"a long channel":             {waba, strings.Repeat("1", 65), wamid, "image/png", "~{hash}/{hash}.png"},
		"no source":                  {"", "1", wamid, "image/png", "1/{hash}.png"},
	} {
		t.Run(name, func(t *testing.T) {
			got := record.MediaBlob(test.source, fileMessage(test.channel, test.id, test.mimeType))
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(test.want), `\{hash\}`, "[0-9a-f]{32}") + "$"
			if !regexp.MustCompile(pattern).MatchString(got) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// The name is part of version 1: anyone can compute it from a message.
// printf '%s' 'urn:meta:whatsapp:1 wamid.A' | sha256sum
func TestMediaBlobIsTheHashOfSourceAndID(t *testing.T) {
	const want = "2/b206888b1d6c5a161a70ea45add4528b.jpg"
	if got := record.MediaBlob("urn:meta:whatsapp:1", fileMessage("2", "wamid.A", "image/jpeg")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// blobName matches the names that Azure, URLs and file systems take unescaped.
var blobName = regexp.MustCompile(`^(-|[A-Za-z0-9_-]{1,64}|~[0-9a-f]{32})/[0-9a-f]{32}(\.[a-z0-9]{3,4})?$`)

// Two messages never share a blob, and a name is always valid.
func FuzzMediaBlob(f *testing.F) {
	f.Add("urn:a", "1", "m", "image/jpeg", "urn:a", "1", "n", "image/jpeg")
	f.Add("urn:a", "-", "m", "", "urn:a", "", "m", "")
	f.Add("urn:a b", "../x", "m", "a/b", "urn:a", "..", "b m", "a/b")
	f.Add("", "\x00", " ", ";", "urn:unknown-source", "~", "\xff", "")
	f.Fuzz(func(t *testing.T, source1, channel1, id1, type1, source2, channel2, id2, type2 string) {
		first := record.MediaBlob(source1, fileMessage(channel1, id1, type1))
		second := record.MediaBlob(source2, fileMessage(channel2, id2, type2))
		for _, name := range []string{first, second} {
			if !blobName.MatchString(name) {
				t.Errorf("not a blob name: %q", name)
			}
		}
		if first == second && (channel1 != channel2 || id1 != id2) {
			t.Errorf("%q is the name for %q %q and for %q %q", first, channel1, id1, channel2, id2)
		}
	})
}
