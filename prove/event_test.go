package prove_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/internal/testkit"
)

const (
	typeReceived = "Microsoft.Communication.AdvancedMessageReceived"
	typeStatus   = "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"
)

// published is an event, the function that it is delivered to, and what must be
// written, as far as the test knows without the handler.
type published struct {
	function string
	text     string
	event    dotnet.Value
	want     *wanted // nil if nothing is known
}

// wanted is what must be written for an event.
type wanted struct {
	// rows are table, PartitionKey and RowKey, separated by tabs.
	rows []string
	// ids are the ids of the queue messages.
	ids []string
	// rejected means that the event, or a part of it, must be kept as rejected.
	rejected bool
}

// sampleEvents returns the events of all samples.
func sampleEvents(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testkit.Root(t), "testdata/events/*.json"))
	testkit.Must(t, err)
	var events []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		testkit.Must(t, err)
		value, err := dotnet.Read(text, dotnet.Options{Depth: 128})
		testkit.Must(t, err)
		all := value.Items
		if value.Kind == dotnet.KindObject {
			all = []dotnet.Value{value}
		}
		for _, event := range all {
			events = append(events, event.Compact())
		}
	}
	if len(events) < 90 {
		t.Fatalf("only %d samples", len(events))
	}
	return events
}

// publisher makes random events of few people and few messages, so that many
// events share a row.
type publisher struct {
	random  *rand.Rand
	samples []string
	ids     int
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

func (p *publisher) publish() published {
	var e published
	switch n := p.random.IntN(20); {
	case n < 7:
		e = p.received()
	case n < 13:
		e = p.status()
	case n < 16:
		e = p.webhook()
	case n < 18:
		e = published{function: pick(p.random, receiver, statuses), text: pick(p.random, p.samples...)}
	default:
		e = published{function: pick(p.random, receiver, statuses), text: p.malformed()}
	}
	if e.function != webhooks && p.random.IntN(25) == 0 { // a subscription with the wrong function
		e.function, e.want = pick(p.random, receiver, statuses), nil
	}
	if e.function == webhooks {
		e.event = dotnet.NewString(e.text) // Meta signs the bytes
		return e
	}
	value, err := dotnet.Read([]byte(e.text), dotnet.Options{Depth: 128})
	if err != nil {
		panic(fmt.Sprintf("%s: %v", e.text, err))
	}
	e.event = value
	return e
}

// The values of the events.
var (
	channels = []string{"75476a19-a68d-4e10-806c-3680f099e069", "a/b|c"}
	phones   = []string{"14255550123", "14255550124"}
	bsuids   = []string{"US.13491208655302741918", "US.ENT.506847293015824"}
	messages = []string{"bd2613ea-3507-4995-9279-9362e8c274b2", "m~1", "3cd2826d-b845-482c-bc28-aa0016455608"}
	// mimeTypes are types of files: the last one has no file name extension.
	mimeTypes = []string{"image/jpeg", "audio/ogg; codecs=opus", "x/y"}
	texts     = []string{"Hello", "test", "STOP", "[1]", "2026-11-20T09:15:03Z", "", "é\u2028\x00", strings.Repeat("x", 200)}
)

// escaped returns a value above as a part of a key.
func escaped(text string) string {
	return strings.NewReplacer("~", "~7e", "/", "~2f", "|", "~7c").Replace(text)
}

// moment is a time and the digits for it in row keys: the last tick of .NET
// minus its ticks. The year 1 means that there is no time.
type moment struct{ text, ticks string }

const noTime = "3155378975999999999"

var moments = []moment{
	{"2026-11-20T09:15:03.0000000Z", ticks(time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC))},
	{"2026-11-20T10:15:03+01:00", ticks(time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC))},
	{"1970-01-01T00:00:00Z", ticks(time.Unix(0, 0))},
	{"9999-12-31T23:59:59.9999999Z", "0000000000000000000"},
	{"2038-01-19T03:14:08Z", ticks(time.Unix(1<<31, 0))},
	{"0001-01-01T00:00:00", noTime},
}

func ticks(at time.Time) string {
	const lastTick, ticksAt1970 = 3155378975999999999, 621355968000000000
	return fmt.Sprintf("%019d", lastTick-ticksAt1970-at.UnixNano()/100)
}

// ticksOf returns the digits for an event: the time of its data, or else the
// time of its envelope.
func ticksOf(data, envelope moment) string {
	if data.ticks == noTime {
		return envelope.ticks
	}
	return data.ticks
}

// newID returns an event id: usually a new one, sometimes that of another event.
func (p *publisher) newID() string {
	if p.random.IntN(6) > 0 {
		p.ids++
	}
	return fmt.Sprintf("event-%d", p.ids)
}

// person returns the fields of a person, and the identities in the order of the
// rows: a phone number, a BSUID in either field, both, or nothing.
func (p *publisher) person() (from, bsuid string, identities []string) {
	phone := pick(p.random, phones...)
	bsuid = pick(p.random, append(bsuids, "", "")...)
	from = pick(p.random, phone, "+"+phone, bsuid, "")
	if bsuid == "" && p.random.IntN(4) == 0 {
		from = pick(p.random, bsuids...) // a BSUID in the field of the phone number
	}
	for _, identity := range []string{bsuid, strings.TrimPrefix(from, "+")} {
		if identity != "" && !slices.Contains(identities, identity) {
			identities = append(identities, identity)
		}
	}
	if identities == nil {
		identities = []string{"-"}
	}
	return from, bsuid, identities
}

func (p *publisher) received() published {
	channel, id, text := pick(p.random, channels...), pick(p.random, messages...), pick(p.random, texts...)
	at, envelope := pick(p.random, moments...), pick(p.random, moments...)
	if p.random.IntN(40) == 0 {
		text = strings.Repeat(pick(p.random, "x", "\n", "中"), pick(p.random, 5_000, 33_000, 60_000))
	}
	from, bsuid, identities := p.person()
	want := wanted{ids: []string{id}, rejected: len(text) > 30_000}
	for _, identity := range identities {
		want.rows = append(want.rows, "Messages\t"+escaped(channel)+"|"+identity+"\t"+ticksOf(at, envelope)+"-"+escaped(id))
	}
	data := map[string]any{
		"content": text, "channelType": "whatsapp", "messageType": pick(p.random, "text", "Text", "order"), "messageId": id,
		"from": from, "fromBSUID": bsuid, "to": channel, "receivedTimestamp": at.text,
	}
	if p.random.IntN(3) == 0 {
		data["messageType"], data["media"] = "image", map[string]any{"id": "3e060623-e6e4-4b2c-8881-0f3258534f2a", "mimeType": pick(p.random, mimeTypes...)}
		want.ids = append(want.ids, id+":media")
	}
	return published{function: receiver, want: &want, text: p.envelope(typeReceived, "advancedMessage/sender/"+pick(p.random, phones...), envelope, data)}
}

func (p *publisher) status() published {
	ranks := map[string]string{"sent": "89", "delivered": "79", "read": "69", "warning": "99"}
	status, id := pick(p.random, "sent", "failed", "failed", "delivered", "read", "warning"), pick(p.random, messages...)
	at, envelope := pick(p.random, moments...), pick(p.random, moments...)
	to, _, _ := p.person()
	data := map[string]any{
		"status": pick(p.random, status, strings.ToUpper(status), strings.ToUpper(status[:1])+status[1:]), "channelType": "whatsapp",
		"from": pick(p.random, channels...), "to": to, "receivedTimestamp": at.text,
	}
	if p.random.IntN(3) > 0 {
		data["messageId"] = id // otherwise only the subject has it
	}
	want := wanted{ids: []string{id + ":" + status}}
	key := ranks[status] + "-" + status
	if status == "failed" {
		code := pick(p.random, "131047", "131026", "1", "")
		key = "84-failed-" + ticksOf(at, envelope) + "-" + code
		if code == "" {
			key += "-"
		} else {
			want.ids[0] += ":" + code
			data["error"] = map[string]any{"channelCode": code, "channelMessage": "Message failed"}
		}
	}
	want.rows = []string{"MessageStatus\t" + escaped(id) + "\t" + key}
	return published{function: statuses, want: &want, text: p.envelope(typeStatus, "advancedMessage/"+id+"/status/"+status, envelope, data)}
}

// malformed returns an event that cannot be written.
func (p *publisher) malformed() string {
	return pick(p.random,
		`{}`,
		`{"id":"e"}`,
		fmt.Sprintf(`{"id":%q,"eventType":%q,"data":null}`, p.newID(), typeReceived),
		fmt.Sprintf(`{"id":%q,"eventType":%q,"data":"text"}`, p.newID(), typeStatus),
		fmt.Sprintf(`{"eventType":%q,"data":{}}`, typeReceived),
		fmt.Sprintf(`{"id":%q,"eventType":"Microsoft.Storage.BlobCreated","data":{"n":%d}}`, p.newID(), p.random.IntN(1000)),
		fmt.Sprintf(`{"id":%q,"specversion":"1.0","type":%q,"data":[1,%d]}`, p.newID(), typeStatus, p.random.IntN(1000)),
	)
}

// envelope returns an event in one of the two schemas.
func (p *publisher) envelope(eventType, subject string, at moment, data map[string]any) string {
	id := p.newID()
	fields := map[string]any{"id": id, "topic": "/t", "subject": subject, "eventType": eventType, "eventTime": at.text, "dataVersion": "1.0", "data": data}
	if p.random.IntN(2) == 0 {
		fields = map[string]any{"id": id, "source": "/t", "subject": subject, "type": eventType, "time": at.text, "specversion": "1.0", "data": data}
	}
	if p.random.IntN(4) == 0 {
		fields["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	}
	text, err := json.Marshal(fields, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err)
	}
	return string(text)
}
