package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// someone is a person in the tests. All that is stored of ada has the word adasdata,
// and nothing else has.
type someone struct{ name, phone, bsuid, data string }

// The identities of grace start or end like those of ada.
var (
	ada   = someone{"ada", "14255550123", "US.13491208655302741918", "adasdata"}
	grace = someone{"grace", "142555501234", "US.134912086553027419180", "gracesdata"}
)

const channelID = "106540352242922"

// received is the event of a message, as the app gets it.
func (p someone) received(id string) string {
	return fmt.Sprintf(`{"id":"wamid.%s","type":"Meta.WhatsApp.MessageReceived","source":"urn:meta:whatsapp:1","specversion":"1.0","data":{"metadata":{"phone_number_id":%q},"contact":{"wa_id":%q,"user_id":%q},"message":{"from":%[3]q,"id":"wamid.%[1]s","type":"text","text":{"body":%[5]q}}}}`, id, channelID, p.phone, p.bsuid, p.data)
}

func (p someone) acsReceived(id string) string {
	return fmt.Sprintf(`{"id":"e-%s","topic":"/acs","subject":"s","eventType":"Microsoft.Communication.AdvancedMessageReceived","eventTime":"2026-11-20T09:15:03Z","dataVersion":"1","data":{"messageId":"%[1]s","content":%[2]q,"channelType":"whatsapp","from":"+%[3]s","to":"75476a19-a68d-4e10-806c-3680f099e069"}}`, id, p.data, p.phone)
}

// queued is a queue message.
func (p someone) queued(kind, field, id string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":%q,"id":%q,"data":{"eventId":"wamid.%[2]s","messageId":"wamid.%[2]s","channel":{"type":"whatsapp","id":%[3]q},%[4]q:{"phone":%[5]q,"bsuid":%[6]q},"text":%[7]q}}`, kind, id, channelID, field, p.phone, p.bsuid, p.data)
}

// media is a message about the file of a message. It names nobody.
func (p someone) media(kind, id string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":%q,"id":"wamid.%s:media","data":{"eventId":"wamid.%[2]s","messageId":"wamid.%[2]s","channel":{"type":"whatsapp","id":%[3]q},"media":{"id":"1"},"blob":%[4]q,"note":%[5]q}}`, kind, id, channelID, p.blob(id), p.data)
}

func (p someone) blob(id string) string { return channelID + "/" + p.name + id + ".jpg" }

// fill stores everything that the app can store of a person, except in blobs that
// several people share.
func (p someone) fill(e emulator) {
	e.t.Helper()
	both := map[string]any{"Phone": p.phone, "Bsuid": p.bsuid, "ChannelId": channelID, "Text": p.data}
	with := func(columns map[string]any, more ...string) map[string]any {
		all := map[string]any{}
		for name, value := range columns {
			all[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	only := func(column, value string) map[string]any {
		return map[string]any{column: value, "ChannelId": channelID, "Text": p.data}
	}
	id := func(n int) string { return fmt.Sprintf("wamid.%s%d/=", p.name, n) }
	e.row(messages, channelID+"|"+p.bsuid, "1", with(both, "MessageId", id(1), "EventId", id(1), "MediaId", "1", "MediaBlob", p.blob("1")))
	e.row(messages, channelID+"|"+p.phone, "1", with(both, "MessageId", id(1), "EventId", id(1)))
	e.row(messages, channelID+"|"+p.phone, "2", with(only("Phone", p.phone), "MessageId", id(2), "EventId", id(2)))
	e.row(messages, "other|"+p.bsuid, "3", with(only("Bsuid", p.bsuid), "MessageId", id(3), "EventId", id(3)))
	e.row(statuses, "wamid.out"+p.name, "89-sent", with(both, "Status", "sent"))
	e.row(statuses, "wamid.out"+p.name, "79-delivered", with(only("Phone", p.phone), "Status", "delivered"))
	e.row(statuses, "wamid.out"+p.name, "69-read", map[string]any{"Status": "read", "ChannelId": channelID, "Text": p.data})
	e.row(statuses, "wamid."+p.name+"2~2f=", "69-read", map[string]any{"Status": "read", "Text": p.data})
	for _, queue := range []string{"inbound-messages", "inbound-messages-poison"} {
		e.message(queue, p.queued("conversation.message.received.v1", "from", p.name+"4"))
	}
	e.message("failed-messages", p.queued("conversation.message.status.v1", "to", "out"+p.name))
	e.message("status-updates", p.queued("conversation.message.status.v1", "participant", "out"+p.name))
	e.message("contact-preferences", p.queued("conversation.contact.preference.v1", "contact", p.name))
	e.message("channel-events", fmt.Sprintf(`{"type":"channel.event.v1","data":{"field":"calls","value":{"from":"\u002B%s","note":%q}}}`, p.phone, p.data))
	e.rawMessage("inbound-messages-poison", p.phone+" wrote "+p.data+" & was <not> taken")
	for _, queue := range []string{"media-requests", "media-requests-poison", "media-results"} {
		e.message(queue, strings.ReplaceAll(p.media("conversation.media.requested.v1", p.name+"4"), channelID+"/"+p.name+p.name, channelID+"/"+p.name))
	}
	e.blob("media", p.blob("1"), p.data)
	e.blob("media", p.blob("4"), p.data)
	e.blob("rejected-events", p.name+"/1.json", `{"function":"F","invocationId":"i","events":[{"reason":"panic","detail":"d","written":false,"event":`+p.received(p.name+"5")+`}]}`)
	e.blob("dead-letters", p.name+"/1.json", "["+p.acsReceived(p.name+"6")+"]")
}

// shared are blobs in which two people are, with and without the first one.
func shared(first, second someone) (both, one map[string]string) {
	entry := func(event string) string {
		return "\n  {\"reason\": \"oversize\", \"detail\":\"d\",\"written\":true, \"event\": " + event + "}"
	}
	text := func(text string) string {
		quoted, _ := jsontext.AppendQuote(nil, text)
		return ` {"reason":"malformed-event","detail":"d","written":false,"text":` + string(quoted) + "}"
	}
	document := func(entries ...string) string {
		return "{\"function\":\"F\", \"invocationId\":\"i\",\"events\": [" + strings.Join(entries, ",") + "\n], \"x\": {\"events\":[1]}}\n"
	}
	a, b := first, second
	broken := func(p someone) string { return `{"object":"page","entry":[{"from":"` + p.phone + `","t":"` + p.data } // no end
	odd := func(p someone) string {
		return `{"reason":"malformed-data","event":{"type":"T","data":{"x":["` + p.bsuid + `","` + p.data + `"]}}}`
	}
	// Both rows of contacts name first, but are about second.
	card := strings.Replace(b.received("card"), `"type":"text"`, `"type":"contacts","contacts":[{"phones":[{"wa_id":"`+a.phone+`"}]}]`, 1)
	both = map[string]string{
		"rejected-events shared/1.json": document(entry(b.received("b1")), entry(a.received("a1")), text(broken(a)), entry(b.acsReceived("b2")), odd(a), text(broken(b)), odd(b), entry(card)),
		"dead-letters shared/1.json":    "\ufeff[ " + a.acsReceived("a2") + " ,\n" + b.received("b3") + "\t, " + a.received("a3") + " ]",
		"dead-letters shared/2.json":    b.acsReceived("b4"),
	}
	one = map[string]string{
		"rejected-events shared/1.json": document(strings.TrimSpace(entry(b.received("b1"))), strings.TrimSpace(entry(b.acsReceived("b2"))), strings.TrimSpace(text(broken(b))), odd(b), strings.TrimSpace(entry(card))),
		"dead-letters shared/1.json":    "\ufeff[" + b.received("b3") + " ]",
		"dead-letters shared/2.json":    b.acsReceived("b4"),
	}
	return both, one
}

func (e emulator) put(blobs map[string]string) {
	e.t.Helper()
	for name, text := range blobs {
		container, name, _ := strings.Cut(name, " ")
		e.blob(container, name, text)
	}
}

// Azurite takes seconds to start, so all tests share it.
func TestPerson(t *testing.T) {
	e := startEmulator(t)
	for name, test := range map[string]func(*testing.T, emulator){
		"delete":                  testDelete,
		"export":                  testExport,
		"export of a long queue":  testExportOfALongQueue,
		"message of a consumer":   testMessageOfAConsumer,
		"interrupted":             testInterrupted,
		"links and channels":      testLinksAndChannels,
		"blob that can't be read": testUnreadableBlob,
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.clear()
			test(t, e)
		})
	}
}

// Two people are in every place. One is deleted; everything of the other stays the
// same, byte for byte, whichever identity is given.
func testDelete(t *testing.T, e emulator) {
	both, one := shared(ada, grace)
	grace.fill(e)
	for range 70 { // more than peeking shows
		e.message("inbound-messages", grace.queued("conversation.message.received.v1", "from", "many"))
	}
	e.rawMessage("inbound-messages-poison", "neither base64 nor JSON: \u00e9")
	e.blob("rejected-events", "empty.json", "")
	e.row("Other", "p", "r", map[string]any{"Phone": ada.phone})
	e.message("mine", ada.queued("T", "from", "x"))
	e.put(one)
	want := e.contents()
	for name, args := range map[string][]string{
		"by phone": {"--phone", "+1 (425) 555-0123"},
		"by BSUID": {"--bsuid", ada.bsuid},
		"by both":  {"--phone", ada.phone, "--bsuid", ada.bsuid},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			ada.fill(e)
			e.put(both)
			before := e.contents()
			out, _ := e.call(0, append([]string{"delete"}, args...)...)
			if diff := cmp.Diff(before, e.contents()); diff != "" {
				t.Errorf("without --yes something was changed: %s", diff)
			}
			for _, want := range []string{"table Messages: 4\n", "table MessageStatus: 4\n", "queue failed-messages: 1\n", "queue media-requests: 1\n", "container rejected-events: 4\n", "container dead-letters: 3\n", "container media: 2\n",
				"queue inbound-messages: looked at the first 32 of about ", "container rejected-events: 1 of other people mention the person", "Nothing was deleted", "- logs: Log Analytics and Application Insights", "- table Other of the account\n", "- queue mine of the account\n", "- container backup of the account\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("the output lacks %q:\n%s", want, out)
				}
			}
			out, _ = e.call(0, append([]string{"delete", "--yes"}, args...)...)
			if diff := cmp.Diff(want, e.contents()); diff != "" {
				t.Errorf("something of the other person has changed, or something is left: %s\n%s", diff, out)
			}
			for _, want := range []string{"deleted from table Messages: 4\n", "deleted from queue inbound-messages: 1\n", "deleted from queue inbound-messages-poison: 2\n", "deleted from container rejected-events: 4\n", "deleted from container media: 2\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("the output lacks %q:\n%s", want, out)
				}
			}
			out, _ = e.call(0, append([]string{"delete", "--yes"}, args...)...)
			if !strings.Contains(out, "nothing found\n") || strings.Contains(out, "deleted from") {
				t.Errorf("the second run: %s", out)
			}
		})
	}
}

// Everything of the person is exported, nothing of the other one, and nothing changes.
func testExport(t *testing.T, e emulator) {
	both, _ := shared(ada, grace)
	ada.fill(e)
	grace.fill(e)
	e.put(both)
	before := e.contents()
	folder := filepath.Join(t.TempDir(), "files")
	for _, args := range [][]string{{"--phone", ada.phone}, {"--bsuid", ada.bsuid, "--receive"}, {"--phone", ada.phone, "--media", folder}} {
		out, errs := e.call(0, append([]string{"export"}, args...)...)
		places := map[string]int{}
		for text := range strings.Lines(out) {
			var line struct {
				Table     string `json:"table"`
				Queue     string `json:"queue"`
				Container string `json:"container"`
			}
			testkit.Must(t, json.Unmarshal([]byte(text), &line))
			places[line.Table+line.Queue+line.Container]++
			if line.Container != "media" && !strings.Contains(text, ada.data) || strings.Contains(text, grace.data) {
				t.Errorf("another person's: %s", text)
			}
		}
		if diff := cmp.Diff(map[string]int{"Messages": 4, "MessageStatus": 4, "inbound-messages": 1, "inbound-messages-poison": 2, "failed-messages": 1, "status-updates": 1, "contact-preferences": 1,
			"channel-events": 1, "media-requests": 1, "media-requests-poison": 1, "media-results": 1, "rejected-events": 4, "dead-letters": 3, "media": 2}, places); diff != "" {
			t.Errorf("%s: %s", args, diff)
		}
		if !strings.Contains(errs, "Not looked at:") || strings.Contains(errs, ada.data) {
			t.Errorf("stderr: %s", errs)
		}
	}
	if diff := cmp.Diff(before, e.contents()); diff != "" {
		t.Errorf("the export changed something: %s", diff)
	}
	for _, id := range []string{"1", "4"} {
		file := filepath.Join(folder, filepath.FromSlash(ada.blob(id)))
		text, err := os.ReadFile(file)
		if err != nil || string(text) != ada.data {
			t.Errorf("%s: %q, %v", file, text, err)
		}
		if info, err := os.Stat(file); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %s", file, info.Mode())
		}
	}
}

// Without --receive only the first messages of a queue are looked at. The exit code
// shows that some were not.
func testExportOfALongQueue(t *testing.T, e emulator) {
	for range 40 {
		e.message("inbound-messages", grace.queued("T", "from", "many"))
	}
	e.message("inbound-messages", ada.queued("T", "from", "last"))
	_, errs := e.call(1, "export", "--phone", ada.phone)
	if !strings.Contains(errs, "queue inbound-messages: looked at the first 32 of about 41 messages\n") || !strings.Contains(errs, "pass --receive") {
		t.Error(errs)
	}
	out, _ := e.call(0, "export", "--phone", ada.phone, "--receive")
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, ada.data) {
		t.Error(out)
	}
}

// A message that a consumer has can't be deleted. The exit code shows it.
func testMessageOfAConsumer(t *testing.T, e emulator) {
	e.message("inbound-messages", ada.queued("T", "from", "m"))
	e.row(messages, "c|"+ada.phone, "1", map[string]any{"Phone": ada.phone, "MessageId": "m", "EventId": "m"})
	received, err := e.queues.NewQueueClient("inbound-messages").DequeueMessage(t.Context(), nil)
	testkit.Must(t, err)
	out, _ := e.call(1, "delete", "--phone", ada.phone, "--yes")
	if !strings.Contains(out, "queue inbound-messages: did not see about 1 messages: a consumer has them") || !strings.Contains(out, "run the same command again") {
		t.Error(out)
	}
	m := received.Messages[0]
	_, err = e.queues.NewQueueClient("inbound-messages").DeleteMessage(t.Context(), *m.MessageID, *m.PopReceipt, nil)
	testkit.Must(t, err)
	e.call(0, "delete", "--phone", ada.phone, "--yes")
}

// Links are followed over several rows, unless they are not wanted; a channel limits
// the search.
func testLinksAndChannels(t *testing.T, e emulator) {
	e.row(messages, "a|1", "1", map[string]any{"Phone": "14255550001", "Bsuid": "US.1", "ChannelId": "a"})
	e.row(messages, "a|2", "2", map[string]any{"Phone": "14255550002", "Bsuid": "US.1", "ChannelId": "a"})
	e.row(messages, "b|3", "3", map[string]any{"Phone": "14255550002", "ChannelId": "b"})
	e.row(statuses, "m", "4", map[string]any{"Phone": "14255550002", "Bsuid": "US.ENT.2", "ChannelId": "a"})
	e.row(messages, "a|5", "5", map[string]any{"Bsuid": "US.ENT.2", "ChannelId": "a"})
	e.message("inbound-messages", ada.queued("T", "from", "m"))
	if out, errs := e.call(0, "export", "--phone", ada.phone, "--channel", "a"); out != "" || strings.Contains(errs, "mention") {
		t.Errorf("a message of another channel: %s%s", out, errs)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"links":    {[]string{"--phone", "14255550001"}, "12345"},
		"no links": {[]string{"--phone", "14255550001", "--without-links"}, "1"},
		"channel":  {[]string{"--bsuid", "US.ENT.2", "--channel", "a"}, "1245"},
		"nobody":   {[]string{"--phone", "1425555000"}, ""},
		"a quote":  {[]string{"--phone", "x' or Phone ne '"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			out, errs := e.call(0, append([]string{"export"}, test.args...)...)
			for n := range 5 {
				key := fmt.Sprint(n + 1)
				if got, want := strings.Contains(out, `"RowKey":"`+key+`"`), strings.Contains(test.want, key); got != want {
					t.Errorf("row %s is found: %v, want %v: %s%s", key, got, want, out, errs)
				}
			}
		})
	}
}

// A deletion that stops before the rows are deleted, or in the middle of them, can be
// repeated with the same identity: the rows that link identities go last.
func testInterrupted(t *testing.T, e emulator) {
	ada.fill(e)
	s := search{options: options{mediaContainer: "media"}, account: e.account, person: newPerson(nil)}
	s.person.add(ada.phone)
	testkit.Must(t, s.find(t.Context()))
	slices.SortStableFunc(s.found, finding.compare)
	var order []string
	for _, f := range s.found {
		if f.row != nil {
			order = append(order, strings.TrimSpace(f.row.Phone+" "+f.row.BSUID))
		}
	}
	// Without number and id, then those that are known by a link only, then the others.
	if first, last := order[0], order[len(order)-1]; first != "" || last == ada.bsuid || slices.Index(order, ada.bsuid) > slices.Index(order, ada.phone) {
		t.Errorf("rows are deleted in the order %q", order)
	}
	rows := 0
	for _, f := range s.found {
		if f.row != nil && rows < len(order)/2 {
			rows++
			testkit.Must(t, s.deleteRow(t.Context(), f.row))
		}
	}
	e.call(0, "delete", "--phone", ada.phone, "--yes")
	for name, text := range e.contents() {
		if strings.Contains(text, ada.data) {
			t.Errorf("left: %s", name)
		}
	}
}

// A blob that names the person but is not in the expected form is a problem, and the
// rows stay until it is solved.
func testUnreadableBlob(t *testing.T, e emulator) {
	e.row(messages, "c|"+ada.phone, "1", map[string]any{"Phone": ada.phone})
	e.blob("rejected-events", "odd.json", `{"events":[{"text":"`+ada.phone+`"`)
	e.blob("rejected-events", "other.json", `{"events":[{"text":"`+grace.phone+`"`)
	_, errs := e.call(1, "delete", "--phone", ada.phone, "--yes")
	if !strings.Contains(errs, "blob odd.json: it names the person, but is not") || strings.Contains(errs, "other.json") || strings.Contains(errs, ada.phone) {
		t.Error(errs)
	}
	if rows := len(e.contents()); rows != 3 {
		t.Errorf("%d items are left, not 3", rows)
	}
}
