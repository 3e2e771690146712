package record

import (
	"fmt"
	"regexp"
	"strings"
)

// unknownSource is the source of a message about an event without one.
const unknownSource = "urn:unknown-source"

// uriReference matches a URI reference,
// https://www.rfc-editor.org/rfc/rfc3986#appendix-A.
var uriReference = func() *regexp.Regexp {
	const (
		char      = `(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})`
		noColon   = `(?:[A-Za-z0-9\-._~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})`
		authority = `(?:[A-Za-z0-9\-._~!$&'()*+,;=:]*@)?[A-Za-z0-9\-._~!$&'()*+,;=]*(?::[0-9]*)?`
		absolute  = `//` + authority + `(?:/` + char + `*)*|/(?:` + char + `+(?:/` + char + `*)*)?`
		rest      = `(?:` + char + `|[/?])*`
	)
	return regexp.MustCompile(`^(?:` +
		`[A-Za-z][A-Za-z0-9+.\-]*:(?:` + absolute + `|` + char + `+(?:/` + char + `*)*)?` + `|` +
		absolute + `|` + noColon + `+(?:/` + char + `*)*)?` +
		`(?:\?` + rest + `)?(?:#` + rest + `)?$`)
}()

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	reserved   = ":/?@!$&'()*+,;="
)

// source returns the source of an event as a URI reference, which CloudEvents
// requires. The topics of Azure may hold letters of any script, spaces and braces,
// and those of a custom topic any text.
func source(text string) string {
	switch {
	case text == "":
		return unknownSource
	case simplePath(text), simpleURN(text), uriReference.MatchString(text):
		return text
	}
	if encoded := percentEncode(text, reserved+"#%"); uriReference.MatchString(encoded) {
		return encoded
	}
	// Something is where a URI can't have it, such as letters in a port: all of
	// it becomes a path.
	encoded := percentEncode(text, "/%")
	if strings.HasPrefix(encoded, "//") {
		encoded = "/%2F" + encoded[2:]
	}
	return encoded
}

// simplePath and simpleURN recognise most sources without the regular expression.
func simplePath(text string) bool {
	return strings.Trim(text, unreserved+"/") == "" && !strings.HasPrefix(text, "//")
}

func simpleURN(text string) bool {
	name, ok := strings.CutPrefix(text, "urn:")
	return ok && name != "" && strings.Trim(name, unreserved+":") == ""
}

// percentEncode encodes all bytes but unreserved ones and those in keep. It keeps
// only the first # and only a % that starts an encoded byte.
func percentEncode(text, keep string) string {
	var encoded strings.Builder
	fragment := false
	for i := range len(text) {
		c := text[i]
		kept := strings.IndexByte(unreserved, c) >= 0 || strings.IndexByte(keep, c) >= 0
		switch {
		case c == '#' && fragment, c == '%' && !isEncodedByte(text[i:]):
			kept = false
		case c == '#':
			fragment = true
		}
		if kept {
			encoded.WriteByte(c)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", c)
		}
	}
	return encoded.String()
}

func isEncodedByte(text string) bool {
	return len(text) >= 3 && strings.Trim(text[1:3], "0123456789ABCDEFabcdef") == ""
}
