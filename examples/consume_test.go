package examples

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/internal/testkit"
)

// count counts the lines of all processes, such as "handled 1".
func count(line string, processes ...*process) (n int) {
	for _, p := range processes {
		for text := range strings.Lines(p.stdout.String()) {
			if strings.TrimSpace(text) == line {
				n++
			}
		}
	}
	return n
}

// wantHandled checks how often messages were handled.
func wantHandled(t *testing.T, times int, ids []string, processes ...*process) {
	t.Helper()
	for _, id := range ids {
		if got := count("handled "+id, processes...); got != times {
			t.Errorf("%s was handled %d times, want %d", id, got, times)
		}
	}
}

func wantSetAside(t *testing.T, a *account, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, a.setAside(t)); diff != "" {
		t.Errorf("in the poison queue: %s", diff)
	}
}

func ids(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(prefix, i))
	}
	return all
}

// crash runs a consumer that is killed at each of the points once, until the
// queue is empty. A point is a step, and whether storage still gets its request.
func crash(t *testing.T, a *account, consumer program, points map[string][]verdict) (processes []*process) {
	t.Helper()
	var mu sync.Mutex
	var current *process
	left := 0
	for _, verdicts := range points {
		left += len(verdicts)
	}
	g := newGate(t, a.connection, func(step string) verdict {
		mu.Lock()
		defer mu.Unlock()
		verdicts := points[step]
		if len(verdicts) == 0 || current == nil || current.hasEnded() {
			return pass
		}
		points[step] = verdicts[1:]
		left--
		dying := current
		if verdicts[0] == cutBefore {
			dying.kill()
		} else {
			time.AfterFunc(500*time.Millisecond, dying.kill)
		}
		return verdicts[0]
	})
	testkit.WaitUntil(t, "every crash has happened and the queue is empty", func() bool {
		mu.Lock()
		defer mu.Unlock()
		if current == nil || current.hasEnded() {
			if left == 0 && length(t, a.messages) == 0 {
				return true
			}
			current = consumer.start(t, g.connection, "5", "consume")
			processes = append(processes, current)
		}
		return left == 0 && length(t, a.messages) == 0
	})
	return processes
}

func TestConsume(t *testing.T) {
	testkit.Long(t, "the consumers are killed, starved and cut off from storage")
	storage := startServer(t)
	for language, consumer := range workers(t) {
		t.Run(language, func(t *testing.T) {
			for name, test := range consumeTests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, storage.account(t), consumer)
				})
			}
		})
	}
}

var consumeTests = map[string]func(t *testing.T, a *account, consumer program){
	"a crash between any two steps loses nothing": func(t *testing.T, a *account, consumer program) {
		all := ids("m", 10)
		for _, id := range all {
			a.send(t, event(id, ""))
		}
		processes := crash(t, a, consumer, map[string][]verdict{
			"receive": {cutBefore, cutAfter}, "claim": {cutBefore, cutAfter}, "done": {cutBefore, cutAfter}, "delete": {cutBefore, cutAfter},
		})
		twice := 0
		for _, id := range all {
			switch got := count("handled "+id, processes...); got {
			case 1:
			case 2:
				twice++
			default:
				t.Errorf("%s was handled %d times", id, got)
			}
		}
		// Only work that no mark records is done again: the crash before "done".
		if twice != 1 {
			t.Errorf("%d messages were handled twice, want 1", twice)
		}
		wantSetAside(t, a)
	},
	"a crash while a message is set aside keeps it": func(t *testing.T, a *account, consumer program) {
		a.send(t, event("m", ""))
		a.fail(t, 5)
		processes := crash(t, a, consumer, map[string][]verdict{"poison": {cutBefore, cutAfter}, "give up": {cutBefore, cutAfter}, "delete": {cutBefore}})
		wantHandled(t, 0, []string{"m"}, processes...)
		if got := a.setAside(t); len(got) == 0 || got[0] != event("m", "") {
			t.Errorf("in the poison queue: %q", got)
		}
	},
	"two consumers handle each message once": func(t *testing.T, a *account, consumer program) {
		all := ids("m", 15)
		for _, id := range all {
			a.send(t, event(id, ""), event(id, ""))
		}
		one, two := consumer.start(t, a.connection, "5", "consume"), consumer.start(t, a.connection, "5", "consume")
		a.waitUntilEmpty(t)
		for _, p := range []*process{one, two} {
			if code := p.stop(t); code != 0 {
				t.Errorf("exit code %d", code)
			}
		}
		wantHandled(t, 1, all, one, two)
		wantSetAside(t, a)
	},
	"slow work is done once, also if there are copies": func(t *testing.T, a *account, consumer program) {
		a.send(t, event("m", "slow"), event("m", "slow"))
		one, two := consumer.start(t, a.connection, "5", "consume"), consumer.start(t, a.connection, "5", "consume")
		a.waitUntilEmpty(t)
		wantHandled(t, 1, []string{"m"}, one, two)
		if got := count("begin m", one, two); got != 1 {
			t.Errorf("begun %d times", got)
		}
		wantSetAside(t, a)
	},
	"a consumer that lost its receipt goes on": func(t *testing.T, a *account, consumer program) {
		a.send(t, event("m", "slow"))
		cutOff := newGate(t, a.connection, func(step string) verdict {
			if step == "update" {
				return refuse
			}
			return pass
		})
		one := consumer.start(t, cutOff.connection, "5", "consume")
		one.stdout.WaitFor(t, "begin m")
		two := consumer.start(t, a.connection, "5", "consume")
		two.stdout.WaitFor(t, "begin m")
		one.stderr.WaitFor(t, "another consumer has it")
		a.send(t, event("next", ""))
		a.waitUntilEmpty(t)
		if one.hasEnded() || two.hasEnded() {
			t.Error("a consumer has ended")
		}
		wantHandled(t, 1, []string{"next"}, one, two)
		wantSetAside(t, a)
	},
	"a message that kills the process does not block its neighbours": func(t *testing.T, a *account, consumer program) {
		all := ids("m", 6)
		a.send(t, event("killer", "kill"))
		for _, id := range all {
			a.send(t, event(id, ""))
		}
		processes := crash(t, a, consumer, map[string][]verdict{})
		wantHandled(t, 1, all, processes...)
		if got := count("begin killer", processes...); got != 5 {
			t.Errorf("the message was attempted %d times, want 5", got)
		}
		wantSetAside(t, a, event("killer", "kill"))
	},
	"work that fails is attempted five times": func(t *testing.T, a *account, consumer program) {
		a.send(t, event("bad", "fail"), event("good", ""))
		p := consumer.start(t, a.connection, "5", "consume")
		a.waitUntilEmpty(t)
		wantHandled(t, 1, []string{"good"}, p)
		if got := count("begin bad", p); got != 5 {
			t.Errorf("the message was attempted %d times, want 5", got)
		}
		p.stderr.WaitFor(t, "the work failed")
		wantSetAside(t, a, event("bad", "fail"))
		// Moved back from the poison queue, it is handled like a new message.
		a.send(t, event("bad", ""))
		a.waitUntilEmpty(t)
		wantHandled(t, 1, []string{"bad"}, p)
	},
	"a message that cannot be read is set aside": func(t *testing.T, a *account, consumer program) {
		const received = `"type":"conversation.message.received.v1"`
		unreadable := []string{
			"no base64!", encode("no JSON"), encode(`[]`), encode(`null`), encode(`{}`),
			encode(`{"type":"conversation.message.status.v1","source":"/s","id":"1","data":{}}`),
			encode(`{` + received + `,"id":"1","data":{}}`), encode(`{` + received + `,"source":"/s","id":"","data":{}}`),
			encode(`{` + received + `,"source":"/s","id":null,"data":{}}`),
		}
		a.send(t, unreadable...)
		a.send(t, event("good", ""))
		p := consumer.start(t, a.connection, "5", "consume")
		a.waitUntilEmpty(t)
		wantHandled(t, 1, []string{"good"}, p)
		wantSetAside(t, a, unreadable...)
		if got := strings.Count(p.stderr.String(), "cannot be read"); got != len(unreadable) {
			t.Errorf("%d of %d messages were reported", got, len(unreadable))
		}
	},
	"raw is read as providers send it": func(t *testing.T, a *account, consumer program) {
		for _, name := range []string{"duplicate-field", "lone-surrogate"} {
			text, err := os.ReadFile("testdata/queue-raw-" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			a.send(t, encode(string(text)))
		}
		p := consumer.start(t, a.connection, "5", "consume")
		a.waitUntilEmpty(t)
		wantHandled(t, 1, []string{"m-dup", "m-sur"}, p)
		wantSetAside(t, a)
	},
	"an outage of the marks costs no message an attempt": func(t *testing.T, a *account, consumer program) {
		var down atomic.Bool
		g := newGate(t, a.connection, func(step string) verdict {
			if down.Load() && (step == "claim" || step == "done") {
				return refuse
			}
			return pass
		})
		p := consumer.start(t, g.connection, "2", "consume")
		a.send(t, event("first", ""))
		a.waitUntilEmpty(t)
		down.Store(true)
		all := ids("m", 5)
		for _, id := range all {
			a.send(t, event(id, ""))
		}
		// Longer than five times the visibility timeout.
		time.Sleep(12 * time.Second)
		p.stderr.WaitFor(t, "storage, trying again")
		down.Store(false)
		a.waitUntilEmpty(t)
		if p.hasEnded() {
			t.Error("the consumer has ended")
		}
		wantHandled(t, 1, append(all, "first"), p)
		wantSetAside(t, a)
	},
	"without the marks a consumer does not start": func(t *testing.T, a *account, consumer program) {
		g := newGate(t, a.connection, func(step string) verdict {
			if step == "create table" {
				return refuse
			}
			return pass
		})
		a.send(t, event("m", ""))
		p := consumer.start(t, g.connection, "5", "consume")
		<-p.ended
		if code := p.command.ProcessState.ExitCode(); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
		batch, err := a.messages.DequeueMessage(t.Context(), nil)
		if err != nil || *batch.Messages[0].DequeueCount != 1 {
			t.Error("the message was received", err)
		}
	},
	"SIGTERM lets the work finish": func(t *testing.T, a *account, consumer program) {
		a.send(t, event("m", "slow"))
		p := consumer.start(t, a.connection, "5", "consume")
		p.stdout.WaitFor(t, "begin m")
		a.send(t, event("next", ""))
		if code := p.stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
		wantHandled(t, 1, []string{"m"}, p)
		wantHandled(t, 0, []string{"next"}, p)
		if got := length(t, a.messages); got != 1 {
			t.Errorf("%d messages are left, want 1", got)
		}
		again := consumer.start(t, a.connection, "5", "consume")
		a.send(t, event("m", ""))
		a.waitUntilEmpty(t)
		wantHandled(t, 0, []string{"m"}, again)
		wantHandled(t, 1, []string{"next"}, again)
	},
}
