// Package examples tests the consumers in the folders below against what the
// functions really write.
package examples

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
	"whatsapp-functions/internal/testkit/platformtest"
)

const channel = "75476a19-a68d-4e10-806c-3680f099e069"

// deliver posts events as Event Grid does.
func deliver(t *testing.T, running *platform.Platform, function string, events ...whatsapp.Event) {
	t.Helper()
	var body []byte
	for _, e := range events {
		body = append(append(body, ','), e.In(whatsapp.CloudEvents)...)
	}
	body = append(body, ']')
	body[0] = '['
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, running.Webhook(function), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("aeg-event-type", "Notification")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		t.Fatal(response.Status)
	}
}

func text(t *testing.T, at time.Time, id, says string, from whatsapp.Person) whatsapp.Event {
	t.Helper()
	event, err := whatsapp.Message{ID: id, Kind: "text", Text: says, From: from, To: channel}.Event(at)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func status(t *testing.T, at time.Time, id, value, code string) whatsapp.Event {
	t.Helper()
	event, err := whatsapp.Status{MessageID: id, Status: value, Code: code, To: whatsapp.Person{Phone: "14255550123"}, From: channel}.Event(at)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestCommands(t *testing.T) {
	connection := azuritetest.Start(t, azurite.Options{}).Connection
	running := platformtest.Start(t, connection)
	for language, consumer := range programs(t) {
		t.Run(language, func(t *testing.T) {
			if language == "node" {
				testkit.Long(t, "each command starts Node.js, which loads the SDKs")
			}
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			ask := func(want string, args ...string) {
				t.Helper()
				if got := consumer.ask(t, connection, args...); got != want+"\n" {
					t.Errorf("%q answers %q, want %q", args, got, want)
				}
			}
			t.Run("nothing was written yet", func(t *testing.T) {
				ask("a template only: no message has been received", "window", channel+"|14255550123")
				ask("no status yet", "status", "33333333-3333-4333-8333-333333333333")
			})
			t.Run("consume", func(t *testing.T) { testConsumeWhatTheAppWrites(t, running, connection, consumer) })
			t.Run("window", func(t *testing.T) { testWindow(t, running, ask) })
			t.Run("status", func(t *testing.T) { testStatus(t, running, ask) })
			t.Run("failures", func(t *testing.T) { testFailures(t, running, connection, consumer) })
			t.Run("files", func(t *testing.T) { testFiles(t, connection, consumer) })
			t.Run("usage errors", func(t *testing.T) {
				for _, args := range [][]string{{}, {"unknown"}, {"toString"}, {"window"}, {"window", "14255550123"}, {"status"}, {"consume", "all"}} {
					p := consumer.start(t, connection, "60", args...)
					<-p.ended
					if code := p.command.ProcessState.ExitCode(); code != 2 || !strings.Contains(p.stderr.String(), "usage:") {
						t.Errorf("%q: exit code %d, want 2: %s", args, code, &p.stderr)
					}
				}
			})
		})
	}
}

const bsuid = "US.13491208655302741918"

// at formats a time as the app does.
func at(moment time.Time) string { return moment.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// queueClient returns a client for a queue of the account of the app.
func queueClient(t *testing.T, connection, name string) *azqueue.QueueClient {
	t.Helper()
	client, err := azqueue.NewQueueClientFromConnectionString(connection, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func wantLines(t *testing.T, p *process, want ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n")
	slices.Sort(lines)
	slices.Sort(want)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func testConsumeWhatTheAppWrites(t *testing.T, running *platform.Platform, connection string, consumer program) {
	now := time.Now()
	message := text(t, now, "11111111-1111-4111-8111-111111111111", "Hello?", whatsapp.Person{Phone: "14255550123"})
	deliver(t, running, "AdvancedMessageTrigger", message)
	deliver(t, running, "AdvancedMessageTrigger", message)
	p := consumer.start(t, connection, "60", "consume")
	queue := queueClient(t, connection, "inbound-messages")
	empty := func() bool { return length(t, queue) == 0 }
	testkit.WaitUntil(t, "the messages are handled", empty)
	deliver(t, running, "AdvancedMessageTrigger", message, text(t, now, "22222222-2222-4222-8222-222222222222", "Hi", whatsapp.Person{BSUID: bsuid}))
	testkit.WaitUntil(t, "the redelivery is handled", empty)
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	wantLines(t, p,
		"11111111-1111-4111-8111-111111111111 text from "+channel+"|14255550123: Hello?",
		"22222222-2222-4222-8222-222222222222 text from "+channel+"|"+bsuid+": Hi")
}

func testWindow(t *testing.T, running *platform.Platform, ask func(want string, args ...string)) {
	now := time.Now().Truncate(time.Second)
	const phone = "14255550177"
	deliver(t, running, "AdvancedMessageTrigger", text(t, now.Add(-30*time.Hour), "w-1", "Hello?", whatsapp.Person{Phone: phone}))
	closed := "a template only, since " + at(now.Add(-6*time.Hour))
	ask(closed, "window", channel+"|"+phone, channel+"|US.1")
	ask(closed, "window", strings.ToUpper(channel)+"|+1 (425) 555-0177")
	ask("a template only: no message has been received", "window", channel+"|US.1")
	ask("a template only: no message has been received", "window", channel+"|it's not there")
	deliver(t, running, "AdvancedMessageTrigger", text(t, now, "w-2", "Are you there?", whatsapp.Person{BSUID: "US.1"}))
	open := "free text until " + at(now.Add(24*time.Hour))
	ask(open, "window", channel+"|"+phone, channel+"|US.1")
	// Identities that need escaping or a hash: as they are, and as the key.
	for i, identity := range []string{`a/b\c#d?e~f|g`, "x\u0085y", strings.Repeat("👍", 101), strings.Repeat("/", 67), "a~b", "-", ""} {
		moment := now.Add(time.Duration(i) * time.Second)
		id := fmt.Sprintf("w-key-%d", i)
		deliver(t, running, "AdvancedMessageTrigger", text(t, moment, id, "Hello?", whatsapp.Person{Phone: identity}))
		open := "free text until " + at(moment.Add(24*time.Hour))
		key := conversationOf(t, running, id)
		ask(open, "window", key)
		if identity != "-" && identity != "" { // "-" is the key of a person without an identity
			ask(open, "window", channel+"|"+identity)
		}
	}
}

// conversationOf returns the partition key of a message's row.
func conversationOf(t *testing.T, running *platform.Platform, messageID string) string {
	t.Helper()
	rows, err := running.Storage().Rows(t.Context(), "Messages")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if strings.HasSuffix(row.RowKey, "-"+messageID) {
			return row.PartitionKey
		}
	}
	t.Fatalf("no row of %s", messageID)
	return ""
}

func testStatus(t *testing.T, running *platform.Platform, ask func(want string, args ...string)) {
	now := time.Now()
	const sent = "33333333-3333-4333-8333-33333333333a"
	deliver(t, running, "StatusTrigger", status(t, now, sent, "Delivered", ""), status(t, now, sent, "Sent", ""))
	ask("delivered", "status", strings.ToUpper(sent))
	for _, id := range []string{"wamid.HBgLMTQ/NTU1AbC=", `a/b\c#d?e~f|g'h`, "it's", strings.Repeat("m", 201), strings.Repeat("👍", 101), "-"} {
		deliver(t, running, "StatusTrigger", status(t, now, id, "Read", ""))
		ask("read", "status", id)
	}
	ask("no status yet", "status", "wamid.hbglmtq/ntu1abc=")
	const lost = "44444444-4444-4444-8444-444444444444"
	deliver(t, running, "StatusTrigger", status(t, now, lost, "Failed", "131047"))
	ask("failed: window-closed, retry: never", "status", lost)
}

func testFailures(t *testing.T, running *platform.Platform, connection string, consumer program) {
	now := time.Now()
	queue := queueClient(t, connection, "failed-messages")
	if _, err := queue.ClearMessages(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	deliver(t, running, "StatusTrigger",
		status(t, now, "f-later", "Failed", "131016"),
		status(t, now, "f-never", "Failed", "131026"),
		status(t, now, "f-check", "Failed", "131000"),
		status(t, now, "f-arrived", "Failed", "131016"),
		status(t, now, "f-arrived", "Delivered", ""))
	p := consumer.start(t, connection, "60", "failures")
	testkit.WaitUntil(t, "the failures are handled", func() bool { return length(t, queue) == 0 })
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	wantLines(t, p,
		"f-later failed, transient 131016: send it again later",
		"f-never failed, recipient 131026: do not send it again",
		"f-check failed, unknown-outcome 131000: it may have been sent, ask before you send it again",
		"f-arrived failed, transient 131016: delivered since, nothing to do")
}

// The results are the examples of the schemas, and one that cannot be read.
func testFiles(t *testing.T, connection string, consumer program) {
	queue := queueClient(t, connection, "media-results")
	poison := queueClient(t, connection, "media-results-poison")
	for _, q := range []*azqueue.QueueClient{queue, poison} {
		if _, err := q.Create(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	send := func(text []byte) {
		t.Helper()
		if _, err := queue.EnqueueMessage(t.Context(), base64.StdEncoding.EncodeToString(text), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"media-stored", "media-failed"} {
		var examples []jsontext.Value
		if err := json.Unmarshal([]byte(readFile(t, "../schema/testdata/"+name+".v1.json")), &examples); err != nil {
			t.Fatal(err)
		}
		send(examples[0])
		send(examples[0])
	}
	send([]byte(`{"type":"conversation.media.requested.v1","source":"s","id":"i"}`))
	p := consumer.start(t, connection, "60", "files")
	testkit.WaitUntil(t, "the results are handled", func() bool { return length(t, queue) == 0 })
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	const subject = "wamid.HBgLMTQyNTU1NTAxMjMVAgASGBQzQTREQ0MyQzlCMkE2RTUyOTBGOQA="
	wantLines(t, p,
		subject+" has the file media/106540352242922/3594e0bd7e66af14d5c9622789792bf7.jpg: image/jpeg, 345678 bytes",
		subject+" has no file, gone: Meta has no such file, or no longer: media ids end after 7 days.")
	if n := length(t, poison); n != 1 {
		t.Errorf("%d messages in the poison queue, want the one that is not a result", n)
	}
}
