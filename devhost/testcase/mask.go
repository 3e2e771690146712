package testcase

import (
	"bytes"
	"cmp"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
)

// Mask replaces identities in events: phone numbers, business-scoped ids, and the
// message ids of WhatsApp, which contain the number. An identity gets the same
// mask everywhere. The resource that published the events is replaced too. Texts
// keep everything that does not look like an identity. Masking twice changes
// nothing more.
func Mask(events jsontext.Value) (jsontext.Value, error) {
	m := masks{made: map[string]string{}}
	opaque := false
	err := rewrite(events, io.Discard, func(field, text string) string {
		opaque = opaque || field == "data" || field == "data_base64"
		return m.collect(field, text)
	})
	if err == nil && opaque {
		err = errors.New("the data of an event is a string or in base64: identities in it can't be masked")
	}
	if err != nil {
		return nil, err
	}
	m.everywhere = m.replacer()
	var masked bytes.Buffer
	err = rewrite(events, &masked, m.apply)
	return bytes.TrimSpace(masked.Bytes()), err
}

// masks are the replacements of identities.
type masks struct {
	made map[string]string
	// people counts the identities, each once.
	people     int
	everywhere *strings.Replacer
}

// The forms of identities. Numbers have digits of any script, and between them
// spaces, dashes, dots, slashes, parentheses and invisible characters.
const (
	separators = `\p{Zs}\t\p{Pd}\p{Cf}\x{2212}().．·•/（）`
	wamids     = `(?i:wamid)\.[0-9A-Za-z+/=_-]+`
	bsuids     = `[A-Za-z]{2}(?:\.[A-Za-z]+)?\.[0-9A-Za-z]+`
	numbers    = `[+＋]?\p{Nd}[\p{Nd}` + separators + `]{5,}\p{Nd}`
)

var (
	wamid   = regexp.MustCompile(wamids)
	bsuid   = regexp.MustCompile(`^` + bsuids + `$`)
	number  = regexp.MustCompile(`^` + numbers + `$`)
	inText  = regexp.MustCompile(wamids + `|` + numbers + `|\b` + bsuids)
	certain = regexp.MustCompile(`[+＋]\p{Nd}[\p{Nd}` + separators + `]{5,}\p{Nd}|\b[A-Z]{2}(?:\.ENT)?\.[0-9]{10,}`)
	digits  = regexp.MustCompile(`^[+＋\p{Nd}` + separators + `]+$`)
	date    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// plainDigits returns the digits of a text in ASCII.
func plainDigits(text string) string {
	var plain strings.Builder
	for _, r := range text {
		for _, set := range unicode.Nd.R16 { // a range is one or more sets of ten digits
			if r >= rune(set.Lo) && r <= rune(set.Hi) {
				plain.WriteRune('0' + (r-rune(set.Lo))%10)
			}
		}
		for _, set := range unicode.Nd.R32 {
			if r >= rune(set.Lo) && r <= rune(set.Hi) {
				plain.WriteRune('0' + (r-rune(set.Lo))%10)
			}
		}
	}
	return plain.String()
}

// The fields that contain an identity, a free text, the resource, and digits that
// are not a phone number; as [plainName] returns them.
var (
	identities = []string{"from", "to", "frombsuid", "tobsuid", "bsuid", "waid", "phone", "phonenumber", "displayphonenumber", "sender", "recipient", "senderid", "recipientid", "userid", "username"}
	texts      = []string{"content", "originalmessage", "caption", "filename", "text", "payload", "title", "description", "channelmessage", "message", "body"}
	resources  = []string{"topic", "source"}
	others     = []string{"id", "messageid", "channelcode", "code", "timestamp", "expirationtimestamp"}
)

// plainName returns the name of a field without case and underscores: waId and
// wa_id are one name.
func plainName(field string) string {
	return strings.ToLower(strings.ReplaceAll(field, "_", ""))
}

// collect adds masks for the identities in a field, or in a name.
func (m *masks) collect(field, text string) string {
	for _, found := range wamid.FindAllString(beforeStatus(text), -1) {
		m.add(found)
	}
	name := plainName(field)
	switch {
	case slices.Contains(identities, name):
		m.add(text)
	case name == "subject":
		m.collectSubject(text)
	case slices.Contains(texts, name):
		for _, found := range inText.FindAllString(text, -1) {
			if number.MatchString(found) || certain.MatchString(found) {
				m.add(found)
			}
		}
	case slices.Contains(resources, name):
	default:
		for _, found := range certain.FindAllString(text, -1) {
			m.add(found)
		}
		if digits := len(plainDigits(text)); number.MatchString(text) && 7 <= digits && digits <= 15 &&
			!date.MatchString(text) && !slices.Contains(others, name) {
			m.add(text)
		}
	}
	return text
}

// beforeStatus cuts a subject after the message id, which may contain slashes.
func beforeStatus(text string) string {
	before, _, _ := strings.Cut(text, "/status/")
	return before
}

// collectSubject adds masks for the identities in a subject, such as
// advancedMessage/sender/<person>/recipient/<channel>.
func (m *masks) collectSubject(text string) {
	role := ""
	for part := range strings.SplitSeq(text, "/") {
		if slices.Contains(identities, role) || number.MatchString(part) || bsuid.MatchString(part) {
			m.add(part)
		}
		role = part
	}
}

// add adds a mask for an identity. The GUID of a channel is not an identity.
func (m *masks) add(identity string) {
	plain := identity
	if isGUID(identity) || identity == "" || m.made[identity] != "" {
		return
	}
	var mask string
	next := m.people + 1
	switch {
	case wamid.FindString(identity) == identity:
		// The length stays, because the event may test it.
		mask = fmt.Sprintf("%s%0*d", identity[:6], len(identity)-6, next)
	case bsuid.MatchString(identity):
		mask = fmt.Sprintf("%s%020d", identity[:strings.LastIndex(identity, ".")+1], next)
	case digits.MatchString(identity):
		plain = plainDigits(identity)
		mask = fmt.Sprintf("1425555%04d", next)
	default:
		mask = fmt.Sprintf("person%04d", next)
	}
	if m.made[plain] == "" {
		m.people, m.made[plain] = next, mask
	}
	m.made[identity] = m.made[plain]
}

func isGUID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }

// apply replaces the identities in a field, or in a name.
func (m *masks) apply(field, text string) string {
	name := plainName(field)
	switch {
	case slices.Contains(resources, name) || strings.HasPrefix(text, "/subscriptions/"):
		return eventgrid.LocalTopic
	case slices.Contains(identities, name):
		return cmp.Or(m.made[text], text)
	case name == "subject":
		parts := strings.Split(m.everywhere.Replace(text), "/")
		for i := 1; i < len(parts); i++ {
			if slices.Contains(identities, parts[i-1]) {
				parts[i] = cmp.Or(m.made[parts[i]], parts[i])
			}
		}
		return strings.Join(parts, "/")
	case slices.Contains(texts, name):
		return m.applyText(text)
	default:
		return m.everywhere.Replace(text)
	}
}

// applyText replaces the identities in a text: first whole numbers, then the rest
// between them.
func (m *masks) applyText(text string) string {
	var masked strings.Builder
	end := 0
	for _, at := range inText.FindAllStringIndex(text, -1) {
		if mask := m.made[text[at[0]:at[1]]]; mask != "" {
			masked.WriteString(m.everywhere.Replace(text[end:at[0]]))
			masked.WriteString(mask)
			end = at[1]
		}
	}
	masked.WriteString(m.everywhere.Replace(text[end:]))
	return masked.String()
}

// replacer replaces all identities except plain words. The longest come first,
// because one may be part of another.
func (m *masks) replacer() *strings.Replacer {
	longest := slices.SortedFunc(maps.Keys(m.made), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, identity := range longest {
		if wamid.MatchString(identity) || bsuid.MatchString(identity) || len(identity) >= 7 && plainDigits(identity) != "" {
			pairs = append(pairs, identity, m.made[identity])
		}
	}
	return strings.NewReplacer(pairs...)
}
