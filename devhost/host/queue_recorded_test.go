package host_test

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/internal/testkit/azuritetest"
)

// recordedQueue is a recorded case of a queue trigger.
type recordedQueue struct {
	Case     string `json:"case"`
	Messages []struct {
		Text string `json:"text"`
		// Raw is the stored text, not what it decodes to.
		Raw *string `json:"raw"`
	} `json:"messages"`
	Gets []struct {
		Line string  `json:"line"`
		Body string  `json:"body"`
		At   float64 `json:"t"`
	} `json:"handlerGets"`
}

func recordedQueues(t *testing.T) (cases []recordedQueue) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testkit.Root(t), "testdata", "host", "queue.json"))
	testkit.Must(t, err)
	testkit.Must(t, json.Unmarshal(text, &cases))
	if len(cases) != 17 {
		t.Fatalf("%d cases", len(cases))
	}
	return cases
}

// The parts of a request that differ from run to run, and their masks.
var (
	messageTimes   = regexp.MustCompile(`"(ExpirationTime|InsertionTime|NextVisibleTime)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"`)
	messageReceipt = regexp.MustCompile(`"PopReceipt":"\\"[^"\\]+\\""`)
)

func maskMessage(body string) string {
	body = messageTimes.ReplaceAllString(body, `"$1":"<time>"`)
	body = messageReceipt.ReplaceAllString(body, `"PopReceipt":"\"<receipt>\""`)
	body = changing.ReplaceAllString(body, `"UtcNow":"<time>","RandGuid":"<guid>"`)
	return guid.ReplaceAllString(body, "<guid>")
}

// queueApp is a running app with a queue trigger.
type queueApp struct {
	recordedApp
	host  *host.Host
	store storage.Storage
	queue string
}

func startQueue(t *testing.T, store storage.Storage, queue string) *queueApp {
	t.Helper()
	a := &queueApp{store: store, queue: queue}
	a.host = a.start(t, store, "00:00:20", recordedSettings, map[string]string{
		"FromQueue": `{"type":"queueTrigger","direction":"in","name":"item","queueName":"` + queue + `"}` + queueOutput(queue+"-out") + blobOutput("docs/{id}.bin"),
	})
	return a
}

// put adds the messages of a case as the recording client did.
func (a *queueApp) put(t *testing.T, r recordedQueue) {
	t.Helper()
	for _, m := range r.Messages {
		if m.Raw != nil {
			testkit.Must(t, a.store.CopyMessage(t.Context(), a.queue, storage.NewMessage(*m.Raw, false)))
			continue
		}
		testkit.Must(t, a.store.Enqueue(t.Context(), a.queue, []byte(m.Text)))
	}
}

// drain waits until the queue is empty, and returns the calls of the handler in
// the order in which they started.
func (a *queueApp) drain(t *testing.T) (calls []host.Result) {
	t.Helper()
	testkit.WaitUntil(t, "the queue is empty", func() bool {
		count, err := a.store.Count(t.Context(), storage.Queues, a.queue, 1)
		return err == nil && count == 0
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, result := range a.results {
		if result.Exchange.Request != "" {
			calls = append(calls, result)
		}
	}
	slices.SortFunc(calls, func(a, b host.Result) int { return a.Started.Compare(b.Started) })
	return calls
}

// texts returns the texts of a queue's messages.
func (a *queueApp) texts(t *testing.T, queue string) (texts []string) {
	t.Helper()
	messages, err := a.store.Messages(t.Context(), queue)
	testkit.Must(t, err)
	for _, m := range messages {
		texts = append(texts, string(m.Body))
	}
	return texts
}

// The host calls the handler with the same bytes as often as the Functions host
// did, and leaves the same in storage.
func TestRecordedQueues(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		playQueues(t, func(t *testing.T) storage.Storage {
			store, err := embedded.Open(t.TempDir())
			testkit.Must(t, err)
			return store
		})
	})
	t.Run("azurite", func(t *testing.T) {
		t.Parallel()
		account, err := azure.Open(t.Context(), azuritetest.Start(t, azurite.Options{}).Connection)
		testkit.Must(t, err)
		playQueues(t, func(*testing.T) storage.Storage { return account })
	})
}

func playQueues(t *testing.T, open func(t *testing.T) storage.Storage) {
	for i, r := range recordedQueues(t) {
		t.Run(r.Case, func(t *testing.T) {
			t.Parallel()
			a := startQueue(t, open(t), fmt.Sprintf("in-%d", i))
			a.put(t, r)
			calls := a.drain(t)
			var got, want []string
			for _, call := range calls {
				got = append(got, maskMessage(call.Exchange.Request))
			}
			for j, call := range r.Gets {
				if call.Body == "" { // the recording has no bodies of many messages
					got[j] = ""
				}
				want = append(want, guid.ReplaceAllString(call.Body, "<guid>"))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want -, got +: %s", diff)
			}
			a.checkResult(t, r, calls)
		})
	}
}

// checkResult checks the pauses between calls, and what is left in storage.
func (a *queueApp) checkResult(t *testing.T, r recordedQueue, calls []host.Result) {
	t.Helper()
	var poison, sent []string
	documents := map[string]string{}
	switch r.Case {
	case "not base64 in the queue":
		poison = []string{*r.Messages[0].Raw}
	case "bad utf-8":
		poison = []string{string(storage.NewMessage(*r.Messages[0].Raw, false).Body)}
	case "handler fails (500)", "handler dies":
		poison = []string{r.Messages[0].Text}
		for i, call := range calls {
			if i > 0 && call.Started.Sub(calls[i-1].Started) < 900*time.Millisecond {
				t.Errorf("call %d comes after %s", i, call.Started.Sub(calls[i-1].Started))
			}
		}
	case "a queue output and a blob named by {id}":
		sent = []string{"done 1"}
		documents["doc-1.bin"] = "\x00\x01\x02"
	case "twenty at once, 1 s each":
		if most := together(calls); most < 4 || most > 6 {
			t.Errorf("%d calls at the same time", most)
		}
	}
	if diff := cmp.Diff(poison, a.texts(t, a.queue+"-poison")); diff != "" {
		t.Errorf("poison queue: %s", diff)
	}
	if diff := cmp.Diff(sent, a.texts(t, a.queue+"-out")); diff != "" {
		t.Errorf("output queue: %s", diff)
	}
	for name, want := range documents {
		if content, err := a.store.Blob(t.Context(), "docs", name, 100); err != nil || string(content) != want {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
	if r.Case != "handler dies" {
		return
	}
	select {
	case <-a.host.Ended():
		if err := a.host.Err(); !errors.Is(err, host.ErrCrashed) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("the host goes on after the third crash")
	}
}

// together returns the largest number of calls at the same time.
func together(calls []host.Result) (most int) {
	for _, call := range calls {
		number := 0
		for _, other := range calls {
			if !other.Started.After(call.Started) && other.Started.Add(other.Answered).After(call.Started) {
				number++
			}
		}
		most = max(most, number)
	}
	return most
}

// A message that the host passes as bytes need not be UTF-8.
func TestQueueOfBytes(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	a := &queueApp{store: store, queue: "bytes"}
	a.start(t, store, "00:00:20", recordedSettings, map[string]string{
		"FromQueue": `{"type":"queueTrigger","direction":"in","name":"item","queueName":"bytes","dataType":"binary"}`,
	})
	testkit.Must(t, store.Enqueue(t.Context(), "bytes", []byte("\xff{")))
	calls := a.drain(t)
	if len(calls) != 1 || !strings.HasPrefix(calls[0].Exchange.Request, `{"Data":{"item":"/3s="},"Metadata":{"DequeueCount":"1",`) {
		t.Errorf("%+v", calls)
	}
}
