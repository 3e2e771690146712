package demo

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

const (
	received = `{"id":"e1","eventType":"R","data":{"messageId":"M1"}}`
	other    = `{"id":"e3","eventType":"X","data":{}}`
	status   = `{"id":"e2","eventType":"S","data":{"messageId":"M2","status":" Failed "}}`
)

const (
	inboundMessages = "inbound-messages"
	messages        = "Messages"
	messageStatus   = "MessageStatus"
	failedMessages  = "failed-messages"
	rejectedEvents  = "rejected-events"
)

func expectations(t *testing.T) Expectations {
	t.Helper()
	e, err := ReadExpectations("../../testdata/demo.json")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var subscriptions = []eventgrid.Subscription{{EventType: "R", Function: "AdvancedMessageTrigger"}, {EventType: "S", Function: "StatusTrigger"}}

// written is the content of storage.
type written struct {
	inbound, failed    []string
	messages, statuses [][2]string
	rejected           string
}

func account(t *testing.T, w written, events string) string {
	t.Helper()
	store, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for queue, texts := range map[string][]string{inboundMessages: w.inbound, failedMessages: w.failed} {
		for _, text := range texts {
			testkit.Must(t, store.Enqueue(ctx, queue, []byte(`{"data":`+text+`}`)))
		}
	}
	for _, row := range w.messages {
		testkit.Must(t, write(ctx, store, messages, "p", row[0], storage.Column{Name: "MessageId", Value: row[0]}, storage.Column{Name: "EventId", Value: row[1]}))
	}
	for _, row := range w.statuses {
		testkit.Must(t, write(ctx, store, messageStatus, row[0], row[1], storage.Column{Name: "Status", Value: row[1]}))
	}
	if w.rejected != "" {
		testkit.Must(t, store.PutBlob(ctx, rejectedEvents, "a", []byte(w.rejected)))
	}
	testkit.Must(t, store.PutBlob(ctx, rejectedEvents, "empty", nil))
	file := filepath.Join(t.TempDir(), "events.json")
	testkit.Must(t, os.WriteFile(file, []byte(events), 0o600))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer server.Close()
	var out strings.Builder
	err = Demo{
		Files: []string{file}, Subscriptions: subscriptions, Expectations: expectations(t), Storage: store, Out: &out,
		Webhook: func(string) string { return server.URL },
	}.Run(ctx)
	if want := "skipped rejected-events/empty: it has 0 bytes, because its invocation failed"; !strings.Contains(out.String(), want) {
		t.Errorf("the output has no line %q", want)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := lines[len(lines)-1]
	if (err != nil) == strings.HasSuffix(last, " 0 lost") {
		t.Errorf("%v, but %s", err, last)
	}
	return strings.TrimSuffix(strings.Replace(last, " kept in rejected-events", " kept", 1), " lost")
}

func write(ctx context.Context, store storage.Storage, table, partition, key string, columns ...storage.Column) error {
	return store.Write(ctx, table, []storage.Change{{Row: storage.Row{PartitionKey: partition, RowKey: key, Columns: columns}, If: storage.Always}})
}

func TestAccounting(t *testing.T) {
	message := `{"eventId":"e1","messageId":"m1"}`
	failure := `{"eventId":"e2","messageId":"m2","status":"failed"}`
	for name, test := range map[string]struct {
		written written
		events  string
		want    string
	}{
		"a message": {
			written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}}, received,
			"events 1, delivered to functions 1 times: 1 written, 0 kept, 0",
		},
		"a message without a row":      {written{inbound: []string{message}}, received, "events 1, delivered to functions 1 times: 0 written, 0 kept, 1"},
		"a message that is not queued": {written{messages: [][2]string{{"m1", "e1"}}}, received, "events 1, delivered to functions 1 times: 0 written, 0 kept, 1"},
		"a message twice, queued once": {written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}}, "[" + received + "," + received + "]", "events 2, delivered to functions 2 times: 1 written, 0 kept, 1"},
		"a message twice":              {written{inbound: []string{message, message}, messages: [][2]string{{"m1", "e1"}}}, "[" + received + "," + received + "]", "events 2, delivered to functions 2 times: 2 written, 0 kept, 0"},
		"another message of the same event": {
			written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}}, "[" + received + "," + strings.Replace(received, "M1", "M9", 1) + "]",
			"events 2, delivered to functions 2 times: 1 written, 0 kept, 1",
		},
		"a message without an id": {
			written{inbound: []string{`{"eventId":"7"}`}, messages: [][2]string{{"", "7"}}}, `[{"id":7,"specversion":"1.0","type":"r","data":{},"data":{"status":"x"}}]`,
			"events 1, delivered to functions 1 times: 1 written, 0 kept, 0",
		},
		"a failed status": {
			written{failed: []string{failure}, statuses: [][2]string{{"m2", "failed"}}}, "\uFEFF[" + status + "]",
			"events 1, delivered to functions 1 times: 1 written, 0 kept, 0",
		},
		"a failed status that is not queued": {written{statuses: [][2]string{{"m2", "failed"}}}, status, "events 1, delivered to functions 1 times: 0 written, 0 kept, 1"},
		"a status that is null": {
			written{statuses: [][2]string{{"m2", "unknown"}}}, `{"id":"e2","eventType":"S","subject":"advancedMessage/M2/status/Sent","data":{"status":null}}`,
			"events 1, delivered to functions 1 times: 1 written, 0 kept, 0",
		},
		"a status of two events": {
			written{statuses: [][2]string{{"m2", "sent"}}},
			`[{"id":"a","eventType":"S","data":{"messageId":"m2","status":"Sent"}},{"id":"b","eventType":"S","data":{"messageId":"m2","status":"Sent"}}]`,
			"events 2, delivered to functions 2 times: 2 written, 0 kept, 0",
		},
		"rejected": {
			written{rejected: `{"function":"AdvancedMessageTrigger","events":[{"written":false,"event":` + received + `}]}`}, received,
			"events 1, delivered to functions 1 times: 0 written, 1 kept, 0",
		},
		"rejected by the other function": {
			written{rejected: `{"function":"StatusTrigger","events":[{"written":false,"event":` + received + `}]}`}, received,
			"events 1, delivered to functions 1 times: 0 written, 0 kept, 1",
		},
		"rejected, stated as written, and not written": {
			written{rejected: `{"function":"AdvancedMessageTrigger","events":[{"written":true,"event":` + received + `}]}`}, received,
			"events 1, delivered to functions 1 times: 0 written, 0 kept, 1",
		},
		"a mixed batch": {
			written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}, failed: []string{failure}, statuses: [][2]string{{"m2", "failed"}}},
			"[" + received + "," + status + "]",
			"events 2, delivered to functions 2 times: 2 written, 0 kept, 0",
		},
		"an event that is rejected on purpose": {
			written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}, rejected: `{"function":"AdvancedMessageTrigger","events":[{"written":false,"event":` + other + `}]}`},
			"[" + received + "," + other + "," + other + "]",
			"events 3, delivered to functions 2 times: 1 written, 1 kept, 0",
		},
		"an event whose rejection is lost": {
			written{inbound: []string{message}, messages: [][2]string{{"m1", "e1"}}}, "[" + received + "," + other + "]",
			"events 2, delivered to functions 2 times: 1 written, 0 kept, 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := account(t, test.written, test.events); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestFilesThatFail(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	file := filepath.Join(t.TempDir(), "x.json")
	testkit.Must(t, os.WriteFile(file, []byte(received), 0o600))
	broken := filepath.Join(t.TempDir(), "y.json")
	testkit.Must(t, os.WriteFile(broken, []byte("hello"), 0o600))
	for name, want := range map[string]string{
		file:      file + ": AdvancedMessageTrigger answered 404 Not Found",
		broken:    broken + ": line 1, column 1: unexpected 'h', expected a value",
		"nowhere": "open nowhere: no such file or directory",
	} {
		err := Demo{Files: []string{name}, Subscriptions: subscriptions, Expectations: expectations(t), Storage: store, Out: io.Discard, Webhook: func(string) string { return refusing.URL }}.Run(t.Context())
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
