package prove_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/dotnet"
)

const (
	typeReceived = "Microsoft.Communication.AdvancedMessageReceived"
	typeStatus   = "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"
)

// published is an event, the function that it is delivered to, and what is
// known of its rows without asking the handler.
type published struct {
	function string
	text     string
	event    dotnet.Value
	// keys are those of its rows, the parts apart by a tab; nil where nothing
	// is known ahead.
	keys []string
}

// sampleEvents are the events of all samples.
func sampleEvents(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "testdata/events/*.json"))
	must(t, err)
	var events []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		value, err := dotnet.Read(text, dotnet.Options{})
		must(t, err)
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

// publisher makes events at random, of few people and few messages, so that
// many events have a row in common.
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
	case n < 15:
		e = p.status()
	case n < 18:
		e = published{function: pick(p.random, receiver, statuses), text: pick(p.random, p.samples...)}
	default:
		e = published{function: pick(p.random, receiver, statuses), text: p.odd()}
	}
	if p.random.IntN(25) == 0 { // a subscription that is set up wrong
		e.function, e.keys = pick(p.random, receiver, statuses), nil
	}
	value, err := dotnet.Read([]byte(e.text), dotnet.Options{})
	if err != nil {
		panic(fmt.Sprintf("%s: %v", e.text, err))
	}
	e.event = value
	return e
}

// The people and things that events are about.
var (
	channels = []string{"75476a19-a68d-4e10-806c-3680f099e069", "a/b|c"}
	phones   = []string{"14255550123", "14255550124"}
	bsuids   = []string{"", "US.13491208655302741918"}
	messages = []string{"bd2613ea-3507-4995-9279-9362e8c274b2", "m~1", "3cd2826d-b845-482c-bc28-aa0016455608"}
	texts    = []string{"Hello", "test", "STOP", "[1]", "2026-11-20T09:15:03Z", "", "é\u2028\x00", strings.Repeat("x", 200)}
)

// escaped is a text as a part of a key, for the texts above.
func escaped(text string) string {
	return strings.NewReplacer("~", "~7e", "/", "~2f", "|", "~7c").Replace(text)
}

// moments are times and the row keys that they begin, reckoned by hand: the
// last tick of .NET less their ticks.
var moments = []struct{ text, key string }{
	{"2026-11-20T09:15:03.0000000Z", ticks(time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC))},
	{"2026-11-20T10:15:03+01:00", ticks(time.Date(2026, 11, 20, 9, 15, 3, 0, time.UTC))},
	{"1970-01-01T00:00:00Z", ticks(time.Unix(0, 0))},
	{"9999-12-31T23:59:59.9999999Z", "0000000000000000000"},
	{"2038-01-19T03:14:08Z", ticks(time.Unix(1<<31, 0))},
	{"0001-01-01T00:00:00", "3155378975999999999"},
}

func ticks(at time.Time) string {
	const lastTick, ticksAt1970 = 3155378975999999999, 621355968000000000
	return fmt.Sprintf("%019d", lastTick-ticksAt1970-at.UnixNano()/100)
}

// newID is an event's id: as a rule its own, now and then one that another
// event has too.
func (p *publisher) newID() string {
	if p.random.IntN(6) > 0 {
		p.ids++
	}
	return fmt.Sprintf("event-%d", p.ids)
}

func (p *publisher) received() published {
	channel, phone, bsuid, id := pick(p.random, channels...), pick(p.random, phones...), pick(p.random, bsuids...), pick(p.random, messages...)
	at := pick(p.random, moments...)
	text := pick(p.random, texts...)
	if p.random.IntN(40) == 0 {
		text = strings.Repeat("x", pick(p.random, 30_000, 33_000, 60_000))
	}
	e := published{function: receiver}
	if len(text) < 50_000 { // as a queue message it would be too large
		row := "Messages\t%s\t" + at.key + "-" + escaped(id)
		for _, name := range []string{bsuid, phone} {
			if name != "" {
				e.keys = append(e.keys, fmt.Sprintf(row, escaped(channel)+"|"+name))
			}
		}
	}
	e.text = p.envelope(typeReceived, "advancedMessage/sender/"+phone, map[string]any{
		"content": text, "channelType": "whatsapp", "messageType": pick(p.random, "text", "Text", "order"), "messageId": id,
		"from": pick(p.random, phone, "+"+phone), "fromBSUID": bsuid, "to": channel, "receivedTimestamp": at.text,
	})
	return e
}

func (p *publisher) status() published {
	ranks := map[string]string{"sent": "89", "failed": "84", "delivered": "79", "read": "69", "warning": "99"}
	status, id := pick(p.random, "sent", "failed", "delivered", "read", "warning"), pick(p.random, messages...)
	spelt := pick(p.random, status, strings.ToUpper(status), strings.ToUpper(status[:1])+status[1:])
	data := map[string]any{
		"status": spelt, "channelType": "whatsapp", "from": pick(p.random, channels...), "to": pick(p.random, phones...),
		"receivedTimestamp": pick(p.random, moments...).text,
	}
	subject := "advancedMessage/" + id + "/status/" + status
	if p.random.IntN(3) > 0 || strings.Contains(id, "/") {
		data["messageId"] = id
	}
	if status == "failed" {
		data["error"] = map[string]any{"channelCode": pick(p.random, "131047", "131026", "1"), "channelMessage": "Message failed"}
	}
	return published{
		function: statuses,
		text:     p.envelope(typeStatus, subject, data),
		keys:     []string{"MessageStatus\t" + escaped(id) + "\t" + ranks[status] + "-" + status},
	}
}

// odd is an event that can't be written.
func (p *publisher) odd() string {
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

// envelope is an event in either schema.
func (p *publisher) envelope(eventType, subject string, data map[string]any) string {
	id, at := p.newID(), pick(p.random, moments...).text
	members := map[string]any{"id": id, "topic": "/t", "subject": subject, "eventType": eventType, "eventTime": at, "dataVersion": "1.0", "data": data}
	if p.random.IntN(2) == 0 {
		members = map[string]any{"id": id, "source": "/t", "subject": subject, "type": eventType, "time": at, "specversion": "1.0", "data": data}
	}
	if p.random.IntN(4) == 0 {
		members["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	}
	text, err := json.Marshal(members, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(err)
	}
	return string(text)
}
