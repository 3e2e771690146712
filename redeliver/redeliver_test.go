package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/host"
)

const (
	repository = ".."
	testKey    = "secret/key=="
)

// hook is devhost's webhook, with functions that keep what they are called
// with.
type hook struct {
	calls []string // function: the events' ids
	fail  error
}

func (h *hook) Has(function string) bool {
	return function == "AdvancedMessageTrigger" || function == "StatusTrigger"
}

func (h *hook) Deliver(_ context.Context, function string, events []dotnet.Value) error {
	if h.fail != nil {
		return h.fail
	}
	call := function + ":"
	for _, e := range events {
		id, _ := e.Get("id")
		call += " " + id.Text
	}
	h.calls = append(h.calls, call)
	return nil
}

func (h *hook) serve(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(&host.Webhook{Functions: h, Keys: &host.Keys{EventGrid: testKey}, Log: zerolog.New(zerolog.NewTestWriter(t))})
	t.Cleanup(server.Close)
	return server.URL
}

func environment(key string) func(string) string {
	return func(name string) string {
		if name == envKey {
			return key
		}
		return ""
	}
}

func call(t *testing.T, key string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, complaints bytes.Buffer
	err = run(t.Context(), append([]string{"-subscriptions", filepath.Join(repository, "infra/subscriptions.json")}, args...), environment(key), &out, &complaints)
	return out.String(), err
}

func write(t *testing.T, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	received = `{"id":"r1","type":"Microsoft.Communication.AdvancedMessageReceived","source":"/acs","specversion":"1.0","data":{}}`
	updated  = `{"id":"s1","eventType":"Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated","topic":"/acs","data":{}}`
	foreign  = `{"id":"f1","type":"Microsoft.Communication.SMSReceived"}`
)

func TestWhatIsDelivered(t *testing.T) {
	for name, test := range map[string]struct {
		file  string
		args  []string
		calls []string
		says  string
		err   string
	}{
		"dead letters": {
			file:  "[" + received + "," + received + "]",
			calls: []string{"AdvancedMessageTrigger: r1 r1"},
			says:  "2 events went to AdvancedMessageTrigger",
		},
		"dead letters of two types, in their order": {
			file:  "[" + received + "," + updated + "," + received + "]",
			calls: []string{"AdvancedMessageTrigger: r1", "StatusTrigger: s1", "AdvancedMessageTrigger: r1"},
			says:  "1 events went to StatusTrigger",
		},
		"a byte order mark": {
			file:  "\ufeff[" + received + "]",
			calls: []string{"AdvancedMessageTrigger: r1"},
		},
		"one event without an array": {
			file:  updated,
			calls: []string{"StatusTrigger: s1"},
		},
		"nothing": {
			file: "[]",
			says: "no event to deliver",
		},
		"an event that no function takes": {
			file:  "[" + foreign + "," + received + "]",
			calls: []string{"AdvancedMessageTrigger: r1"},
			err:   "1 events are of types that",
		},
		"events that were rejected": {
			file:  `{"function":"StatusTrigger","invocationId":"i","events":[{"reason":"unexpected-type","detail":"d","written":false,"event":` + received + `},{"reason":"malformed-event","detail":"d","written":false,"event":{"id":"x"}}]}`,
			calls: []string{"AdvancedMessageTrigger: r1", "StatusTrigger: x"},
		},
		"rejected: one that was written": {
			file: `{"function":"StatusTrigger","invocationId":"i","events":[{"reason":"oversize","detail":"d","written":true,"event":` + updated + `}]}`,
			says: "left: event 0 was written, without what was too large (oversize)",
		},
		"rejected: what is no event, and one that is": {
			file:  `{"function":"StatusTrigger","invocationId":"i","events":[{"reason":"malformed-event","detail":"d","written":false,"text":"5"},{"reason":"missing-id","detail":"d","written":false,"event":` + updated + `}]}`,
			calls: []string{"StatusTrigger: s1"},
			says:  "left: event 0 is no JSON object (malformed-event)",
			err:   "1 events can't be delivered",
		},
		"rejected: neither what is no event nor one that no function takes": {
			file: `{"events":[{"reason":"malformed-event","written":false,"text":"5"},{"reason":"unexpected-type","written":false,"event":` + foreign + `}]}`,
			err:  "tells why\n1 events are of types that",
		},
		"rows of a message with two identities": {
			file:  `{"items":[{"PartitionKey":"a|1","EventId":"e1","ReceivedAt":"2026-11-20T09:15:01.0000000Z","Event":"{}"},{"PartitionKey":"a|2","RowKey":"2516071346968078283-m","EventId":"e1","Event":"{}"}],"nextMarker":{}}`,
			args:  []string{"-source", "/acs"},
			calls: []string{"AdvancedMessageTrigger: e1"},
		},
		"rows as az prints the items alone": {
			file:  `[{"PartitionKey":"a|1","RowKey":"2516071346968078283-m","EventId":"e1","Event":"{}"}]`,
			args:  []string{"-source", "/acs"},
			calls: []string{"AdvancedMessageTrigger: e1"},
		},
		"a row whose event was too large": {
			file: `{"items":[{"PartitionKey":"a|1","EventId":"e1"}]}`,
			args: []string{"-source", "/acs"},
			says: "row 0 has no column Event",
			err:  "1 events can't be delivered",
		},
		"rows without what their time is in": {
			file: `{"items":[{"PartitionKey":"a|1","EventId":"e1","Event":"{}"}]}`,
			args: []string{"-source", "/acs"},
			err:  "item 0: it has neither a time in ReceivedAt nor one in RowKey",
		},
		"rows of who knows whom": {
			file: `{"items":[{"PartitionKey":"a|1","EventId":"e1","Event":"{}"}]}`,
			err:  "say where they came from, with -source",
		},
		"rows of another table": {
			file: `{"items":[{"PartitionKey":"a"}]}`,
			args: []string{"-source", "/acs"},
			err:  "item 0 is no row of the table Messages",
		},
		"no events at all":    {file: "17", err: "neither an array of events"},
		"an array of numbers": {file: "[1]", calls: nil, err: "1 events are of types that"},
		"a text that ends":    {file: "[" + received, err: "it is no array of events"},
		"a dry run": {
			file: "[" + received + "]",
			args: []string{"-dry-run"},
			says: "1 events would go to AdvancedMessageTrigger",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var h hook
			stdout, err := call(t, testKey, append(append([]string{"-url", h.serve(t)}, test.args...), write(t, "events.json", test.file))...)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if diff := cmp.Diff(test.calls, h.calls); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(stdout, test.says) {
				t.Errorf("it says %q, not %q", stdout, test.says)
			}
		})
	}
}

func TestBatchesAreOfTheSizeThatSubscriptionsSet(t *testing.T) {
	var h hook
	url := h.serve(t)
	many := write(t, "many.json", "["+strings.Repeat(received+",", 249)+received+"]")
	large := write(t, "large.json", "["+strings.Repeat(strings.Replace(received, "{}", `{"content":"`+strings.Repeat("x", 40<<10)+`"}`, 1)+",", 2)+received+"]")
	if _, err := call(t, testKey, "-url", url, many, large); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, c := range h.calls {
		sizes = append(sizes, strings.Count(c, "r1"))
	}
	if diff := cmp.Diff([]int{100, 100, 50, 1, 2}, sizes); diff != "" {
		t.Error(diff)
	}
}

func TestFilesOfAFolder(t *testing.T) {
	var h hook
	folder := t.TempDir()
	for _, name := range []string{"a/b/1.json", "2.json", "3.txt"} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("["+received+"]"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := call(t, testKey, "-url", h.serve(t), folder); err != nil {
		t.Fatal(err)
	}
	if len(h.calls) != 2 {
		t.Errorf("%q", h.calls)
	}
}

func TestCheck(t *testing.T) {
	var h hook
	url := h.serve(t)
	stdout, err := call(t, testKey, "-url", url, "-check")
	if err != nil || stdout != "AdvancedMessageTrigger is there\nStatusTrigger is there\n" || h.calls != nil {
		t.Errorf("%q, %v, %q", stdout, err, h.calls)
	}
}

func TestWhatFails(t *testing.T) {
	file := write(t, "events.json", "["+received+"]")
	lost := write(t, "subscriptions.json", `{"subscriptions":[{"eventType":"Microsoft.Communication.AdvancedMessageReceived","function":"Elsewhere"}]}`)
	for name, test := range map[string]struct {
		key  string
		args []string
		fail error
		want string
	}{
		"no key":                         {"", []string{file}, nil, "set EVENTGRID_KEY to the app's system key eventgrid_extension"},
		"a wrong key":                    {"wrong", []string{"-check"}, nil, "status 401"},
		"a function that is not there":   {testKey, []string{"-subscriptions", lost, file}, nil, "Elsewhere: status 404"},
		"a function that fails":          {testKey, []string{file}, errors.New("hidden"), "status 500: the app's logs say why"},
		"a host that starts":             {testKey, []string{file}, host.ErrUnavailable, "status 503"},
		"no file":                        {testKey, nil, nil, "name the files or folders"},
		"a file that is not there":       {testKey, []string{file + ".gone"}, nil, "no such file"},
		"a folder without events":        {testKey, []string{t.TempDir()}, nil, "no file whose name ends in .json"},
		"a repository that is elsewhere": {testKey, []string{"-subscriptions", file + ".gone", file}, nil, "call redeliver in the repository's folder"},
	} {
		t.Run(name, func(t *testing.T) {
			h := hook{fail: test.fail}
			_, err := call(t, test.key, append([]string{"-url", h.serve(t)}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
