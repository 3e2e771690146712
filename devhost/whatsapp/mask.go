package whatsapp

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

	"whatsapp-functions/devhost/eventgrid"
)

// Mask rewrites events so that they tell nobody's identity: phone numbers and
// business-scoped ids become made-up ones, the same everywhere in the events,
// and the resource that published them becomes nobody's. Texts stay, but for
// what looks like a phone number in them.
func Mask(events jsontext.Value) (jsontext.Value, error) {
	m := masks{}
	opaque := false
	err := rewrite(events, io.Discard, func(member, text string) string {
		opaque = opaque || member == "data" || member == "data_base64"
		return m.collect(member, text)
	})
	if err == nil && opaque {
		err = errors.New("an event's data is a text or in base64: identities in it can't be masked")
	}
	if err != nil {
		return nil, err
	}
	var masked bytes.Buffer
	err = rewrite(events, &masked, m.apply)
	return bytes.TrimSpace(masked.Bytes()), err
}

// masks are what identities are replaced by.
type masks map[string]string

// bsuids and numbers are what a business-scoped id and a phone number look like
// where people write them.
const (
	bsuids  = `[A-Za-z]{2}\.[0-9A-Za-z]+`
	numbers = `\+?[0-9][0-9 ().-]{5,}[0-9]`
)

var (
	bsuid  = regexp.MustCompile(`^` + bsuids + `$`)
	number = regexp.MustCompile(`^` + numbers + `$`)
	guid   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	// wamid is WhatsApp's own id of a message: in base64 it has the number in
	// it of who wrote it.
	wamid = regexp.MustCompile(`wamid\.[0-9A-Za-z+/=_-]+`)
	// longNumber is likelier a phone number than anything else, wherever it
	// stands; a code or a size is shorter.
	longNumber = regexp.MustCompile(`^\+?[0-9]{9,15}$`)
	inText     = regexp.MustCompile(numbers + `|\b` + bsuids)
	noDigits   = regexp.MustCompile(`[^0-9]`)
)

// The members that may name a person, those in which people write what they
// like, and those that name the resource.
var (
	identities = []string{"from", "to", "fromBSUID", "toBSUID", "wa_id", "phone", "phoneNumber"}
	texts      = []string{"content", "originalMessage", "caption", "fileName", "text", "payload", "title", "description"}
	resources  = []string{"topic", "source"}
)

// collect makes masks for what a member tells.
func (m masks) collect(member, text string) string {
	for _, id := range wamid.FindAllString(text, -1) {
		m.mask(id, fmt.Sprintf("wamid.%020d", len(m)+1))
	}
	switch {
	case slices.Contains(identities, member):
		m.addWhatever(text)
	case longNumber.MatchString(text):
		m.add(text)
	case member == "subject":
		// advancedMessage/sender/<person>/recipient/<channel>
		for part := range strings.SplitSeq(text, "/") {
			m.add(part)
		}
	case slices.Contains(texts, member):
		for _, found := range inText.FindAllString(text, -1) {
			if number.MatchString(found) {
				m.add(found)
			}
		}
	}
	return text
}

// add makes a mask for a person's identity, and none for anything else.
func (m masks) add(identity string) {
	switch {
	case number.MatchString(identity):
		plain := noDigits.ReplaceAllString(identity, "")
		m.mask(plain, fmt.Sprintf("1425555%04d", len(m)+1))
		m[identity] = m[plain]
	case bsuid.MatchString(identity):
		m.mask(identity, fmt.Sprintf("%s.%020d", identity[:2], len(m)+1))
	}
}

// addWhatever makes a mask for what stands where a person is named, in whatever
// form. A channel stands there too: its id is a GUID, and nobody's. What is very
// short tells nobody apart, and is a part of other words.
func (m masks) addWhatever(identity string) {
	m.add(identity)
	if len(identity) >= 6 && !guid.MatchString(identity) {
		country, _, _ := strings.Cut(identity, ".")
		m.mask(identity, fmt.Sprintf("%.2s.%020d", country, len(m)+1))
	}
}

func (m masks) mask(text, mask string) {
	if m[text] == "" {
		m[text] = mask
	}
}

// apply replaces what has a mask in a member.
func (m masks) apply(member, text string) string {
	switch {
	case slices.Contains(resources, member) || strings.HasPrefix(text, "/subscriptions/"):
		return eventgrid.LocalTopic
	case slices.Contains(texts, member):
		return inText.ReplaceAllStringFunc(text, func(found string) string {
			return orElse(m[found], found)
		})
	default:
		return m.replacer().Replace(text)
	}
}

// replacer replaces all that has a mask, the longest first: one may be part of
// another.
func (m masks) replacer() *strings.Replacer {
	longest := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, identity := range longest {
		pairs = append(pairs, identity, m[identity])
	}
	return strings.NewReplacer(pairs...)
}

// rewrite copies JSON and passes each text or number through change, with the
// name of the member whose value it is, if it is one. Everything else stays as
// it is written.
func rewrite(value jsontext.Value, out io.Writer, change func(member, text string) string) error {
	loose := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true)}
	decoder := jsontext.NewDecoder(bytes.NewReader(value), loose...)
	encoder := jsontext.NewEncoder(out, loose...)
	for {
		if kind := decoder.PeekKind(); kind == jsontext.KindString || kind == jsontext.KindNumber {
			if err := rewriteScalar(decoder, encoder, change); err != nil {
				return err
			}
			continue
		}
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = encoder.WriteToken(token)
		}
		if err != nil {
			return err
		}
	}
}

func rewriteScalar(decoder *jsontext.Decoder, encoder *jsontext.Encoder, change func(member, text string) string) error {
	raw, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	isText := raw.Kind() == jsontext.KindString
	parent, length := decoder.StackIndex(decoder.StackDepth())
	isName := parent == jsontext.KindBeginObject && length%2 == 1
	text := string(raw)
	if isText {
		unquoted, _ := jsontext.AppendUnquote(nil, raw)
		text = string(unquoted)
	}
	member := "" // a name is no member's value
	if !isName {
		member = decoder.StackPointer().LastToken()
	}
	changed := change(member, text)
	switch {
	case changed == text:
	case isText:
		if raw, err = jsontext.AppendQuote(nil, changed); err != nil {
			return err
		}
	default:
		raw = jsontext.Value(changed)
	}
	return encoder.WriteValue(raw)
}
