package main

import (
	"bytes"
	"strings"
	"testing"
)

// What events and handlers write can't command a terminal or forge a line.
func TestLogEscapes(t *testing.T) {
	const text = "a\x1b[2J\u0085\u202eb\u2066\n12:00 INF \U000e0041é👍"
	for name, test := range map[string]struct {
		json bool
		want string
	}{
		"for people": {false, `INF host a\u001b[2J\u0085\u202eb\u2066\n12:00 INF \udb40\udc41é👍 f="a\x1b[2J\u0085\u202eb\u2066\n12:00 INF \U000e0041é👍" k\u202e="a\x1b" raw={"a":"\u202e\u0085"}` + "\n"},
		"in JSON":    {true, `"f":"a\u001b[2J\u0085\u202eb\u2066\n12:00 INF \udb40\udc41é👍"`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p := program{jsonLogs: test.json}
			log := p.log(newConsole(&out, nil))
			log.Info().Str("component", "host").Str("f", text).Str("k\u202e", "a\x1b").RawJSON("raw", []byte("{\"a\":\"\u202e\u0085\"}")).Msg(text)
			if got := out.String(); !strings.Contains(got, test.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestStandardOutputEscapes(t *testing.T) {
	var out bytes.Buffer
	n, err := newConsole(&out, nil).Write([]byte("a\tb\n\x1b[2J\u202e\xff"))
	if want := "a\tb\n\\u001b[2J\\u202e\ufffd"; out.String() != want || n != 12 || err != nil {
		t.Errorf("%q %d %v", out.String(), n, err)
	}
}
