package whatsapp

import (
	"bytes"
	"cmp"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/eventgrid"
)

// Mask rewrites events so that they tell nobody's identity: phone numbers,
// business-scoped ids and the ids that WhatsApp gives messages, in which the
// number is encoded, become made-up ones, the same everywhere in the events, and
// the resource that published them becomes nobody's. Texts stay, but for what
// looks like one of these in them. Masked again they stay as they are.
func Mask(events jsontext.Value) (jsontext.Value, error) {
	m := masks{made: map[string]string{}}
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
	m.everywhere = m.replacer()
	var masked bytes.Buffer
	err = rewrite(events, &masked, m.apply)
	return bytes.TrimSpace(masked.Bytes()), err
}

// masks are what identities are replaced by.
type masks struct {
	made map[string]string
	// people is how many identities there are, however often they are written.
	people     int
	everywhere *strings.Replacer
}

// What identities look like where people write them.
const (
	wamids  = `(?i:wamid)\.[0-9A-Za-z+/=_-]+`
	bsuids  = `[A-Za-z]{2}(?:\.[A-Za-z]+)?\.[0-9A-Za-z]+`
	numbers = `\+?[0-9][0-9 ().-]{5,}[0-9]`
)

var (
	wamid    = regexp.MustCompile(wamids)
	bsuid    = regexp.MustCompile(`^` + bsuids + `$`)
	number   = regexp.MustCompile(`^` + numbers + `$`)
	inText   = regexp.MustCompile(wamids + `|` + numbers + `|\b` + bsuids)
	certain  = regexp.MustCompile(`\+[1-9][0-9 ().-]{5,}[0-9]|\b[A-Z]{2}(?:\.ENT)?\.[0-9]{10,}`)
	date     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	noDigits = regexp.MustCompile(`[^0-9]`)
)

// The members that name a person, those in which people write what they like,
// those that name the resource, and those in which a row of digits is no
// number of a person's; in small letters only, see [plainName].
var (
	identities = []string{"from", "to", "frombsuid", "tobsuid", "bsuid", "waid", "phone", "phonenumber", "displayphonenumber", "sender", "recipient", "senderid", "recipientid", "userid"}
	texts      = []string{"content", "originalmessage", "caption", "filename", "text", "payload", "title", "description", "channelmessage", "message", "body"}
	resources  = []string{"topic", "source"}
	others     = []string{"id", "messageid", "channelcode", "code"}
)

// plainName is a member's name however it is spelled: waId is wa_id.
func plainName(member string) string {
	return strings.ToLower(strings.ReplaceAll(member, "_", ""))
}

// collect makes masks for what a member, or a member's name, tells.
func (m *masks) collect(member, text string) string {
	for _, found := range wamid.FindAllString(beforeStatus(text), -1) {
		m.add(found)
	}
	name := plainName(member)
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
		if digits := len(noDigits.ReplaceAllString(text, "")); number.MatchString(text) && 7 <= digits && digits <= 15 &&
			!date.MatchString(text) && !slices.Contains(others, name) {
			m.add(text)
		}
	}
	return text
}

// beforeStatus is a subject without what follows the id of a message: ids may
// have slashes of their own.
func beforeStatus(text string) string {
	before, _, _ := strings.Cut(text, "/status/")
	return before
}

// collectSubject makes masks for the people of a subject,
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

// add makes a mask for an identity. A channel's GUID is none.
func (m *masks) add(identity string) {
	plain := identity
	if isGUID(identity) || identity == "" || m.made[identity] != "" {
		return
	}
	var mask string
	next := m.people + 1
	switch {
	case wamid.FindString(identity) == identity:
		// As long as it was: that may be what is tried.
		mask = fmt.Sprintf("%s%0*d", identity[:6], len(identity)-6, next)
	case bsuid.MatchString(identity):
		mask = fmt.Sprintf("%s%020d", identity[:strings.LastIndex(identity, ".")+1], next)
	case strings.Trim(identity, "+0123456789 ().-") == "":
		plain = noDigits.ReplaceAllString(identity, "")
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

// apply replaces what has a mask in a member or its name.
func (m *masks) apply(member, text string) string {
	name := plainName(member)
	switch {
	case slices.Contains(resources, name) || strings.HasPrefix(text, "/subscriptions/"):
		return eventgrid.LocalTopic
	case slices.Contains(identities, name):
		return orElse(m.made[text], text)
	case name == "subject":
		parts := strings.Split(m.everywhere.Replace(text), "/")
		for i := 1; i < len(parts); i++ {
			if slices.Contains(identities, parts[i-1]) {
				parts[i] = orElse(m.made[parts[i]], parts[i])
			}
		}
		return strings.Join(parts, "/")
	case slices.Contains(texts, name):
		return m.applyText(text)
	default:
		return m.everywhere.Replace(text)
	}
}

// applyText replaces whole numbers in a text, and all else that has a mask
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

// replacer replaces all that has a mask, unless it is a word like any other, the longest
// first: one may be part of another.
func (m *masks) replacer() *strings.Replacer {
	longest := slices.SortedFunc(maps.Keys(m.made), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var pairs []string
	for _, identity := range longest {
		if wamid.MatchString(identity) || bsuid.MatchString(identity) || len(identity) >= 7 && strings.ContainsAny(identity, "0123456789") {
			pairs = append(pairs, identity, m.made[identity])
		}
	}
	return strings.NewReplacer(pairs...)
}

// rewrite copies JSON and passes each text and number through change, with the
// member that it is the value of or, in an array, an element of; and each name,
// which has no member. Everything else stays as it is written.
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
	text := plainNumber(raw)
	if isText {
		unquoted, _ := jsontext.AppendUnquote(nil, raw)
		text = string(unquoted)
	}
	changed := change(memberOf(decoder), text)
	switch {
	case changed == text:
	case isText:
		if raw, err = jsontext.AppendQuote(nil, changed); err != nil {
			return err
		}
	case strings.Trim(changed, "0123456789") == "":
		raw = jsontext.Value(changed)
	}
	return encoder.WriteValue(raw)
}

// plainNumber is a number as one writes those of telephones, if it could be one.
func plainNumber(raw jsontext.Value) string {
	if f, err := strconv.ParseFloat(string(raw), 64); err == nil && f == math.Trunc(f) && f > 0 && f < 1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return string(raw)
}

// memberOf is the name of the member that the decoder has just read the value
// of, or an element of; "" if it has read a name.
func memberOf(decoder *jsontext.Decoder) string {
	depth := decoder.StackDepth()
	kind, length := decoder.StackIndex(depth)
	if kind == jsontext.KindBeginObject && length%2 == 1 {
		return ""
	}
	pointer := decoder.StackPointer()
	for kind == jsontext.KindBeginArray {
		pointer = pointer.Parent()
		depth--
		kind, _ = decoder.StackIndex(depth)
	}
	if kind != jsontext.KindBeginObject {
		return ""
	}
	return pointer.LastToken()
}
