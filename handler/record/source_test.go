package record

import (
	"net/url"
	"strings"
	"testing"
)

func TestSource(t *testing.T) {
	for topic, want := range map[string]string{
		"":                          "urn:unknown-source",
		"/subscriptions/a/b":        "/subscriptions/a/b",
		"https://example.com/a?b#c": "https://example.com/a?b#c",
		"urn:meta:whatsapp:1":       "urn:meta:whatsapp:1",
		"/a%20b":                    "/a%20b",
		"/resourcegroups/grüße":     "/resourcegroups/gr%C3%BC%C3%9Fe",
		"/my group":                 "/my%20group",
		"/{subscription-id}":        "/%7Bsubscription-id%7D",
		"/\"<>|\\^`":                "/%22%3C%3E%7C%5C%5E%60",
		"100%":                      "100%25",
		"/%zz%4":                    "/%25zz%254",
		"a#b#c":                     "a#b%23c",
		"http://host:port/x":        "http%3A//host%3Aport/x",
		"http://[::1]/x":            "http%3A//%5B%3A%3A1%5D/x",
		"//[x":                      "/%2F%5Bx",
		"1a:b":                      "1a%3Ab",
		":":                         "%3A",
		"\x00\x7f":                  "%00%7F",
		"/a[0]":                     "/a%5B0%5D",
		"//exa mple/x":              "/%2Fexa%20mple/x",
	} {
		if got := source(topic); got != want {
			t.Errorf("source(%q) = %q, want %q", topic, got, want)
		}
	}
}

// The source of every topic is a URI reference, and stays the same if it becomes a
// topic again.
func FuzzSource(f *testing.F) {
	for _, topic := range []string{"", "/a", "//", "///", "http://host:x/", "a#b#c", "%", "é", "[", "1:2", "http://[::1]:80/", "x:?#", "//%41:1@b:/"} {
		f.Add(topic)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		topic = strings.ToValidUTF8(topic, "\uFFFD")
		got := source(topic)
		if got == "" || !uriReference.MatchString(got) {
			t.Errorf("source(%q) = %q, which is not a URI reference", topic, got)
		}
		if _, err := url.Parse(got); err != nil {
			t.Errorf("source(%q) = %q: %v", topic, got, err)
		}
		if again := source(got); again != got {
			t.Errorf("source(%q) = %q, and of that %q", topic, got, again)
		}
	})
}
