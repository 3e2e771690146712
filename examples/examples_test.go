// Package examples tests the consumers in the folders below against what the
// functions really write.
package examples

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/platform/platformtest"
	"whatsapp-functions/devhost/whatsapp"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

const (
	repository = ".."
	channel    = "75476a19-a68d-4e10-806c-3680f099e069"
)

// program runs a consumer.
type program func(t *testing.T, args ...string) (stdout string)

// programs are the consumers, by language.
func programs(t *testing.T, connection string) map[string]program {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "consumer")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = "go"
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	run := func(folder, name string, first ...string) program {
		return func(t *testing.T, args ...string) string {
			t.Helper()
			command := exec.CommandContext(t.Context(), name, append(slices.Clone(first), args...)...)
			command.Dir = folder
			command.Env = append(os.Environ(), "CONVERSATION_STORAGE="+connection)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			stdout, err := command.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, &stderr)
			}
			return string(stdout)
		}
	}
	return map[string]program{"go": run("go", binary), "node": run("node", "node", "consumer.mjs")}
}

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

func TestConsumers(t *testing.T) {
	if _, err := os.Stat("node/node_modules"); err != nil {
		testkit.Skip(t, "the packages of examples/node are not installed: make examples/node/node_modules")
	}
	const phone, bsuid = channel + "|14255550123", channel + "|US.13491208655302741918"
	connection := azuritetest.Start(t, azurite.Options{}).Connection
	running := platformtest.Start(t, connection)
	for language, consumer := range programs(t, connection) {
		t.Run(language, func(t *testing.T) {
			if err := running.Storage().Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			now := time.Now().Truncate(time.Second)
			person := whatsapp.Person{Phone: "14255550123"}
			old := text(t, now.Add(-30*time.Hour), "11111111-1111-4111-8111-111111111111", "Hello?", person)
			deliver(t, running, "AdvancedMessageTrigger", old)

			t.Run("a closed window", func(t *testing.T) {
				want := "a template only, since " + now.Add(-6*time.Hour).UTC().Format("2006-01-02T15:04:05.0000000Z") + "\n"
				if got := consumer(t, "window", phone, bsuid); got != want {
					t.Errorf("%q, want %q", got, want)
				}
				if got := consumer(t, "window", bsuid); got != "a template only, since ever\n" {
					t.Errorf("%q", got)
				}
			})
			t.Run("a window that the other identity opened", func(t *testing.T) {
				deliver(t, running, "AdvancedMessageTrigger", text(t, now, "22222222-2222-4222-8222-222222222222", "Are you there?", whatsapp.Person{BSUID: "US.13491208655302741918"}))
				want := "free text until " + now.Add(24*time.Hour).UTC().Format("2006-01-02T15:04:05.0000000Z") + "\n"
				if got := consumer(t, "window", phone, bsuid); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			})
			t.Run("a message that comes again is handled once", func(t *testing.T) {
				deliver(t, running, "AdvancedMessageTrigger", old)
				lines := strings.Split(strings.TrimSpace(consumer(t, "consume")), "\n")
				slices.Sort(lines)
				want := []string{
					"11111111-1111-4111-8111-111111111111 text from " + phone + ": Hello?",
					"22222222-2222-4222-8222-222222222222 text from " + bsuid + ": Are you there?",
				}
				if diff := cmp.Diff(want, lines); diff != "" {
					t.Error(diff)
				}
				deliver(t, running, "AdvancedMessageTrigger", old)
				if got := consumer(t, "consume"); got != "" {
					t.Errorf("handled again: %s", got)
				}
				waiting(t, running, "inbound-messages", 0)
			})
			t.Run("a message that cannot be read is set aside at the fifth attempt", func(t *testing.T) {
				if err := running.Storage().Enqueue(t.Context(), "inbound-messages", []byte("no JSON")); err != nil {
					t.Fatal(err)
				}
				fail(t, connection, "inbound-messages", 4)
				for range 2 {
					if got := consumer(t, "consume"); got != "" {
						t.Errorf("handled: %s", got)
					}
					// The second is at its first attempt only.
					waiting(t, running, "inbound-messages-poison", 1)
					if err := running.Storage().Enqueue(t.Context(), "inbound-messages", []byte("no JSON either")); err != nil {
						t.Fatal(err)
					}
				}
			})
			t.Run("statuses", func(t *testing.T) {
				// In Azure the table is there from the start.
				deliver(t, running, "StatusTrigger", status(t, now, "", "Sent", ""))
				const sent = "33333333-3333-4333-8333-333333333333"
				if got := consumer(t, "status", sent); got != "no status yet\n" {
					t.Errorf("%q", got)
				}
				deliver(t, running, "StatusTrigger", status(t, now, sent, "Delivered", ""), status(t, now, sent, "Sent", ""))
				if got := consumer(t, "status", strings.ToUpper(sent)); got != "delivered\n" {
					t.Errorf("%q", got)
				}
				const lost = "44444444-4444-4444-8444-444444444444"
				deliver(t, running, "StatusTrigger", status(t, now, lost, "Failed", "131047"))
				if got := consumer(t, "status", lost); got != "failed: window-closed, retry: never\n" {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

// waiting checks how many messages can be taken from a queue.
func waiting(t *testing.T, running *platform.Platform, queue string, want int) {
	t.Helper()
	messages, err := running.Storage().Messages(t.Context(), queue)
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != want {
		t.Errorf("%s has %d messages, want %d", queue, len(messages), want)
	}
}

// fail takes the one message of a queue, some times, and does nothing with it.
func fail(t *testing.T, connection, queue string, times int) {
	t.Helper()
	client, err := azqueue.NewQueueClientFromConnectionString(connection, queue, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range times {
		taken, err := client.DequeueMessage(t.Context(), nil)
		if err != nil || len(taken.Messages) != 1 {
			t.Fatal(len(taken.Messages), err)
		}
		m := taken.Messages[0]
		if _, err := client.UpdateMessage(t.Context(), *m.MessageID, *m.PopReceipt, *m.MessageText, &azqueue.UpdateMessageOptions{VisibilityTimeout: new(int32)}); err != nil {
			t.Fatal(err)
		}
	}
}
