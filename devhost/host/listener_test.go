package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/internal/testkit"
)

// bench is a listener with a queue, in a bubble of fake time.
type bench struct {
	*listener
	*embedded.Storage
	t     *testing.T
	log   testkit.Log
	start time.Time
	stop  func()

	mu    sync.Mutex
	calls []string // times and texts
	looks []time.Duration
	// receive and copy, if set, replace calls of the storage.
	receive func() error
	copy    func() error
}

// Receive implements [storage.Consumer].
func (b *bench) Receive(ctx context.Context, queue string, limit int, hidden time.Duration) ([]storage.Message, error) {
	b.mu.Lock()
	b.looks = append(b.looks, time.Since(b.start))
	receive := b.receive
	b.mu.Unlock()
	if receive != nil {
		if err := receive(); err != nil {
			return nil, err
		}
	}
	return b.Storage.Receive(ctx, queue, limit, hidden)
}

// CopyMessage implements [storage.Consumer].
func (b *bench) CopyMessage(ctx context.Context, queue string, message storage.Message) error {
	b.mu.Lock()
	copy := b.copy
	b.mu.Unlock()
	if copy != nil {
		if err := copy(); err != nil {
			return err
		}
	}
	return b.Storage.CopyMessage(ctx, queue, message)
}

// bubble runs a test with a listener that is not started yet. handle is the
// function.
func bubble(t *testing.T, queue string, handle func(ctx context.Context, message storage.Message) error, test func(t *testing.T, b *bench)) {
	t.Helper()
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := embedded.Open(root)
		testkit.Must(t, err)
		store.Folder.NoSync = true
		b := &bench{t: t, Storage: store, start: time.Now()}
		b.listener = &listener{
			queue:    queue,
			settings: app.Queues{BatchSize: 4, NewBatchThreshold: 2, MaxPollingInterval: 2 * time.Second, VisibilityTimeout: 30 * time.Second, MaxDequeueCount: 3},
			store:    b,
			call: func(ctx context.Context, message storage.Message) error {
				b.mu.Lock()
				b.calls = append(b.calls, fmt.Sprintf("%s %s", time.Since(b.start).Round(time.Second), message.Body))
				b.mu.Unlock()
				return handle(ctx, message)
			},
			added:    func(string) {},
			repeat:   func() bool { return false },
			log:      b.log.Logger(),
			wake:     make(chan struct{}, 1),
			finished: make(chan struct{}, 1),
		}
		test(t, b)
		if b.stop != nil {
			b.stop()
		}
	})
}

// listen starts the listener.
func (b *bench) listen() {
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan struct{})
	go func() {
		b.run(ctx)
		close(ended)
	}()
	b.stop = func() {
		cancel()
		<-ended
	}
}

func (b *bench) put(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		testkit.Must(b.t, b.Enqueue(b.t.Context(), b.queue, []byte(text)))
	}
}

// called returns the calls.
func (b *bench) called() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// check compares the calls, and what is left in the queue and in its poison queue.
func (b *bench) check(calls []string, left int, poison ...string) {
	b.t.Helper()
	if diff := cmp.Diff(calls, b.called()); diff != "" {
		b.t.Errorf("calls: want -, got +: %s", diff)
	}
	count, err := b.Count(b.t.Context(), storage.Queues, b.queue, 100)
	testkit.Must(b.t, err)
	if count != left {
		b.t.Errorf("%d messages are left, want %d", count, left)
	}
	messages, err := b.Messages(b.t.Context(), b.queue+"-poison")
	testkit.Must(b.t, err)
	var texts []string
	for _, m := range messages {
		texts = append(texts, string(m.Body))
	}
	if diff := cmp.Diff(poison, texts); diff != "" {
		b.t.Errorf("poison queue: want -, got +: %s", diff)
	}
}

func (b *bench) says(text string, times int) {
	b.t.Helper()
	if got := strings.Count(b.log.String(), text); got != times {
		b.t.Errorf("%d times %q, want %d:\n%s", got, text, times, &b.log)
	}
}

var errFails = errors.New("it fails")

// ok is a function that succeeds, fails one that fails.
func ok(context.Context, storage.Message) error    { return nil }
func fails(context.Context, storage.Message) error { return errFails }

// takes returns a function that takes some time.
func takes(d time.Duration) func(context.Context, storage.Message) error {
	return func(context.Context, storage.Message) error {
		time.Sleep(d)
		return nil
	}
}

func TestMessageIsHiddenWhileItIsCalled(t *testing.T) {
	bubble(t, "q-1", takes(26*time.Minute), func(t *testing.T, b *bench) {
		b.put("slow")
		b.listen()
		for minute := range 25 {
			time.Sleep(time.Minute)
			if others, err := b.Storage.Receive(t.Context(), "q-1", 1, time.Second); err != nil || len(others) > 0 {
				t.Fatalf("after %d minutes: %v, %v", minute+1, others, err)
			}
		}
		time.Sleep(2 * time.Minute)
		b.check([]string{"0s slow"}, 0)
	})
}

func TestFailedMessage(t *testing.T) {
	bubble(t, "q-1", fails, func(t *testing.T, b *bench) {
		b.put("bad")
		b.listen()
		time.Sleep(75 * time.Second) // the last failure moves it at once
		b.check(b.called(), 0, "bad")
		time.Sleep(5 * time.Minute)
		if len(b.called()) != 3 || b.called()[0] != "0s bad" {
			t.Fatalf("%q", b.called())
		}
		for i, call := range b.called()[1:] { // visibilityTimeout, and at most one pause
			at, err := time.ParseDuration(strings.Fields(call)[0])
			if least := time.Duration(i+1) * 30 * time.Second; err != nil || at < least || at > least+5*time.Second {
				t.Errorf("call %d: %s", i+2, at)
			}
		}
		b.check(b.called(), 0, "bad")
		b.says("Message has reached MaxDequeueCount of 3. Moving message to queue 'q-1-poison'.", 1)
	})
}

// The messages of a poison queue have no other one.
func TestPoisonQueueOfPoisonQueue(t *testing.T) {
	bubble(t, "q-poison", fails, func(t *testing.T, b *bench) {
		b.settings.MaxPollingInterval = 5 * time.Minute
		b.put("bad")
		b.listen()
		time.Sleep(2 * time.Hour)
		if len(b.called()) != 3 || b.called()[0] != "0s bad" || !strings.HasPrefix(b.called()[1], "1") {
			t.Errorf("%q", b.called())
		}
		b.check(b.called(), 1)
		time.Sleep(storage.TimeToLive)
		b.check(b.called(), 0)
		b.says("the queue has no poison queue: the message is hidden until", 3)
		b.says("the queue has no poison queue: the message stays in the queue until it expires", 1)
	})
}

func TestUndecodableMessage(t *testing.T) {
	bubble(t, "q-1", ok, func(t *testing.T, b *bench) {
		testkit.Must(t, b.Storage.CopyMessage(t.Context(), "q-1", storage.Message{Body: []byte("not base64"), Undecodable: true}))
		b.listen()
		time.Sleep(time.Minute)
		b.check(nil, 0, "not base64")
		b.says("the message is not base64", 1)
	})
}

// An empty queue is looked at less and less often, until there is a message.
func TestPauses(t *testing.T) {
	bubble(t, "q-1", ok, func(t *testing.T, b *bench) {
		b.listen()
		time.Sleep(time.Minute)
		b.mu.Lock()
		looks := slices.Clone(b.looks)
		b.mu.Unlock()
		var pauses []time.Duration
		for i := range looks[1:] {
			pauses = append(pauses, looks[i+1]-looks[i])
		}
		for i, least := range []time.Duration{100, 100, 180, 260, 420, 740, 1380, 2000, 2000} {
			if pauses[i] < least*time.Millisecond || pauses[i] > 2*time.Second {
				t.Errorf("pause %d is %s", i, pauses[i])
			}
		}
		if last := pauses[len(pauses)-1]; last != 2*time.Second || pauses[2] > 500*time.Millisecond {
			t.Errorf("the pauses are %s", pauses)
		}
		b.put("x")
		time.Sleep(2200 * time.Millisecond)
		calls := b.called()
		b.mu.Lock()
		defer b.mu.Unlock()
		added := b.looks[len(looks):]
		if len(calls) != 1 || len(added) < 3 || added[2]-added[1] != minPolling {
			t.Errorf("%q, looks at %s", calls, added)
		}
	})
}

// A message of this host's own outputs ends a pause.
func TestWake(t *testing.T) {
	bubble(t, "q-1", ok, func(t *testing.T, b *bench) {
		b.settings.MaxPollingInterval = time.Hour
		b.listen()
		time.Sleep(5 * time.Hour)
		b.put("x")
		signal(b.wake)
		synctest.Wait()
		b.check([]string{"5h0m0s x"}, 0)
	})
}

// At most batchSize + newBatchThreshold calls run at the same time.
func TestConcurrency(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	bubble(t, "q-1", func(_ context.Context, m storage.Message) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		time.Sleep(time.Duration(len(m.Body)) * time.Second)
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	}, func(t *testing.T, b *bench) {
		for i := range 20 {
			b.put(strings.Repeat("x", i%7+1))
		}
		b.listen()
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if called := len(b.called()); called != 20 || most != 6 {
			t.Errorf("%d calls, %d at the same time", called, most)
		}
	})
}

// Two functions with one queue share its messages.
func TestTwoListenersOfOneQueue(t *testing.T) {
	bubble(t, "q-1", takes(time.Second), func(t *testing.T, b *bench) {
		for i := range 30 {
			b.put(fmt.Sprint(i))
		}
		second := &listener{
			queue: b.queue, settings: b.settings, store: b, call: b.call, added: b.added, repeat: b.repeat, log: b.listener.log,
			wake: make(chan struct{}, 1), finished: make(chan struct{}, 1),
		}
		ctx, cancel := context.WithCancel(t.Context())
		var other sync.WaitGroup
		other.Go(func() { second.run(ctx) })
		b.listen()
		time.Sleep(time.Minute)
		cancel()
		other.Wait()
		called := map[string]int{}
		for _, call := range b.called() {
			called[strings.Fields(call)[1]]++
		}
		if len(b.called()) != 30 || len(called) != 30 {
			t.Errorf("%q", b.called())
		}
		b.check(b.called(), 0)
	})
}

func TestStorageThatIsDown(t *testing.T) {
	bubble(t, "q-1", ok, func(t *testing.T, b *bench) {
		b.receive = func() error { return errors.New("the storage is down") }
		b.put("x")
		b.listen()
		time.Sleep(time.Minute)
		b.check(nil, 1)
		b.says("queue messages can't be received", 1)
		b.mu.Lock()
		b.receive = nil
		b.mu.Unlock()
		time.Sleep(3 * time.Second)
		if len(b.called()) != 1 {
			t.Errorf("%q", b.called())
		}
	})
}

// A message that can't be moved is moved later, without another call.
func TestPoisonQueueThatIsDown(t *testing.T) {
	bubble(t, "q-1", fails, func(t *testing.T, b *bench) {
		b.settings.MaxDequeueCount = 1
		b.copy = func() error { return errors.New("the poison queue is down") }
		b.put("x")
		b.listen()
		time.Sleep(time.Minute)
		b.check([]string{"0s x"}, 1)
		b.mu.Lock()
		b.copy = nil
		b.mu.Unlock()
		time.Sleep(10 * time.Minute)
		b.check([]string{"0s x"}, 0, "x")
		b.says("the message can't be moved to the poison queue", 1)
	})
}

// A message that is lost in a call is neither deleted nor moved.
func TestLostMessage(t *testing.T) {
	bubble(t, "q-1", takes(20*time.Minute), func(t *testing.T, b *bench) {
		b.put("x")
		b.listen()
		time.Sleep(time.Minute)
		testkit.Must(t, b.Clear(t.Context()))
		time.Sleep(20 * time.Minute)
		b.check([]string{"0s x"}, 0)
		b.says("the message belongs to another consumer now", 1)
	})
}

// The fault of duplicates never moves a message to the poison queue.
func TestRepeatedMessage(t *testing.T) {
	bubble(t, "q-1", ok, func(t *testing.T, b *bench) {
		b.repeat = func() bool { return true }
		b.put("x")
		b.listen()
		time.Sleep(5 * time.Minute)
		if len(b.called()) != 3 {
			t.Errorf("%q", b.called())
		}
		b.check(b.called(), 0)
	})
}

// A listener that stops completes the messages that it has received.
func TestStopWhileCalled(t *testing.T) {
	bubble(t, "q-1", takes(3*time.Second), func(t *testing.T, b *bench) {
		b.put("1", "2", "3", "4", "5")
		b.listen()
		time.Sleep(time.Second)
		b.stop()
		b.stop = nil
		if ended := time.Since(b.start); ended != 3*time.Second {
			t.Errorf("it stopped after %s", ended)
		}
		if len(b.called()) != 4 {
			t.Errorf("%q", b.called())
		}
		b.check(b.called(), 1)
	})
}
