package host_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

// openQueue starts an app with a queue trigger and embedded storage.
func openQueue(t *testing.T) *queueApp {
	t.Helper()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	return startQueue(t, store, "in-queue")
}

func (a *queueApp) send(t *testing.T, text string) {
	t.Helper()
	testkit.Must(t, a.store.Enqueue(t.Context(), a.queue, []byte(text)))
}

// hidden waits until a message has been received.
func (a *queueApp) hidden(t *testing.T) {
	t.Helper()
	testkit.WaitUntil(t, "the message is received", func() bool { return len(a.texts(t, a.queue)) == 0 })
}

func TestStopWaitsForMessages(t *testing.T) {
	t.Parallel()
	a := openQueue(t)
	a.send(t, `{"echo":{"delay":2}}`)
	a.hidden(t)
	a.host.Stop()
	if calls := a.drain(t); len(calls) != 1 || calls[0].Err != nil {
		t.Errorf("%+v", calls)
	}
}

func TestStopEndsLongCalls(t *testing.T) {
	t.Parallel()
	a := openQueue(t)
	const text = `{"echo":{"delay":60}}`
	a.send(t, text)
	a.hidden(t)
	start := time.Now()
	a.host.Stop()
	if took := time.Since(start); took < 5*time.Second || took > 20*time.Second {
		t.Errorf("it stopped after %s", took)
	}
	testkit.WaitUntil(t, "the message is visible again", func() bool { return len(a.texts(t, a.queue)) == 1 })
	messages, err := a.store.Messages(t.Context(), a.queue)
	testkit.Must(t, err)
	if string(messages[0].Body) != text || messages[0].DequeueCount != 1 || messages[0].Receipt != "" {
		t.Errorf("%+v", messages)
	}
}

// A crash on request fails the call, and the message is called again.
func TestCrashInCallWithMessage(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	switched, err := faults.New(faults.Switches{Crashes: 1})
	testkit.Must(t, err)
	a := &queueApp{store: store, queue: "in-queue"}
	a.startWith(t, host.Options{Storage: store, Queues: store, Faults: switched}, "00:00:20", recordedSettings, map[string]string{
		"FromQueue": `{"type":"queueTrigger","direction":"in","name":"item","queueName":"in-queue"}`,
	})
	a.send(t, "{}")
	if calls := a.drain(t); len(calls) != 2 || calls[0].Err == nil || calls[1].Err != nil || calls[1].Call.Message.DequeueCount != 2 {
		t.Errorf("%+v", calls)
	}
}

// An output that the service refuses fails the invocation. The message is moved
// unchanged.
func TestMessageWhoseOutputIsTooLarge(t *testing.T) {
	t.Parallel()
	a := openQueue(t)
	large := strings.Repeat("x", 48<<10+1)
	// The message itself has the largest size.
	text := fmt.Sprintf(`{"echo":{"answer":"{\"Outputs\":{\"q\":[\"%s\"]}}"}}`, strings.Repeat("x", 30<<10))
	a.send(t, text+strings.Repeat(" ", 48<<10-len(text)))
	a.drain(t)
	if sent := a.texts(t, "in-queue-out"); len(sent) != 1 {
		t.Errorf("%d messages", len(sent))
	}
	if err := a.store.Enqueue(t.Context(), a.queue, []byte(large)); !errors.Is(err, storage.ErrInvalid) {
		t.Error(err)
	}
	grows := `{"echo":{"answer":"{\"Outputs\":{\"q\":[{\"a\":[` + strings.TrimSuffix(strings.Repeat("1,", 8<<10), ",") + `]}]}}"}}`
	a.mu.Lock()
	a.results = nil
	a.mu.Unlock()
	a.send(t, grows) // the host writes the array on many lines
	calls := a.drain(t)
	if len(calls) != 3 || calls[0].Err == nil || !strings.Contains(calls[0].Err.Error(), "as it is stored: at most 65536") {
		t.Errorf("%d calls", len(calls))
	}
	if poison := a.texts(t, "in-queue-poison"); len(poison) != 1 || poison[0] != grows {
		t.Errorf("%d messages in the poison queue", len(poison))
	}
}

// A person calls the function with a text, which is in no queue.
func TestInputOfQueueTrigger(t *testing.T) {
	t.Parallel()
	a := openQueue(t)
	testkit.Must(t, a.host.Input(t.Context(), "FromQueue", `{"k":1}`))
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.results) != 1 {
		t.Fatalf("%d calls", len(a.results))
	}
	const want = `{"Data":{"item":"\"{\\\"k\\\":1}\""},"Metadata":{"item":"\"{\\\"k\\\":1}\"","DequeueCount":"0","ExpirationTime":"<time>",` +
		`"InsertionTime":"<time>","NextVisibleTime":"<time>","sys":{"MethodName":"FromQueue","UtcNow":"<time>","RandGuid":"<guid>"},"k":"\"1\""}}`
	if got := maskMessage(a.results[0].Exchange.Request); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A message of an output invokes a function of the same host at once, although
// the queue was empty for long.
func TestOutputInvokesFunction(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	a := &queueApp{store: store, queue: "second"}
	h := a.start(t, store, "00:00:20", recordedSettings, map[string]string{
		"First":  `{"type":"queueTrigger","direction":"in","name":"item","queueName":"first"}` + queueOutput("second"),
		"Second": `{"type":"queueTrigger","direction":"in","name":"item","queueName":"second"}`,
	})
	testkit.Must(t, h.Input(t.Context(), "First", `{"echo":{"answer":"{\"Outputs\":{\"q\":[\"a\",\"b\"]}}"}}`))
	calls := a.drain(t)
	var got []string
	for _, call := range calls {
		got = append(got, call.Call.Function)
	}
	if strings.Join(got, " ") != "First Second Second" {
		t.Errorf("%q", got)
	}
}

// A message that a killed host had received is reported at the next start.
func TestHiddenMessages(t *testing.T) {
	t.Parallel()
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	testkit.Must(t, store.Enqueue(t.Context(), "in-queue", []byte("{}")))
	received, err := store.Receive(t.Context(), "in-queue", 1, time.Minute)
	testkit.Must(t, err)
	var said testkit.Log
	a := &queueApp{store: store, queue: "in-queue"}
	a.startWith(t, host.Options{Storage: store, Queues: store, Log: said.Logger()}, "00:00:20", recordedSettings, map[string]string{
		"FromQueue": `{"type":"queueTrigger","direction":"in","name":"item","queueName":"in-queue"}`,
	})
	said.Wait(t, "messages that were received before this host started are hidden", 1)
	_, err = store.UpdateMessage(t.Context(), "in-queue", received[0], 0)
	testkit.Must(t, err)
	if calls := a.drain(t); len(calls) != 1 || calls[0].Call.Message.DequeueCount != 2 {
		t.Errorf("%+v", calls)
	}
}

// A host without queue triggers needs no queues.
func TestNoQueues(t *testing.T) {
	t.Parallel()
	r := &recordedApp{}
	store, err := embedded.Open(t.TempDir())
	testkit.Must(t, err)
	h := r.startWith(t, host.Options{Storage: store}, "00:00:20", recordedSettings, map[string]string{"One": fmt.Sprintf(recordedTrigger, "")})
	start := time.Now()
	h.Stop()
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("it stopped after %s", took)
	}
}
