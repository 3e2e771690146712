package prove_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// fault is one thing that goes wrong while events are delivered.
type fault struct {
	name string
	// cause makes it happen and ends it. It may publish more events.
	cause func(s *stack)
	// environ is added to the handler's environment.
	environ []string
}

var faults = []fault{
	{name: "handler killed before a delivery", cause: func(s *stack) {
		s.kill(s.handler())
		s.publish(3)
	}},
	{name: "handler killed during a delivery", cause: func(s *stack) {
		pid := s.handler()
		testkit.Must(s.t, syscall.Kill(pid, syscall.SIGSTOP))
		s.publish(3)
		time.Sleep(50 * time.Millisecond)
		s.kill(pid)
	}},
	{name: "handler killed during webhooks of Meta", cause: func(s *stack) {
		pid := s.handler()
		testkit.Must(s.t, syscall.Kill(pid, syscall.SIGSTOP))
		for range 10 {
			s.webhook("text")
			s.webhook("failed")
		}
		time.Sleep(50 * time.Millisecond)
		s.kill(pid)
	}},
	{name: "every delivery repeated", cause: func(s *stack) {
		s.setFaults(`{"duplicates":1}`)
		s.publish(3)
		s.settle()
		s.setFaults(`{}`)
	}},
	{name: "handler killed while its outputs are written", cause: func(s *stack) {
		pid := s.handler()
		s.proxies.set(func(p *proxy) { p.delay.Store(int64(20 * time.Millisecond)) })
		before := s.proxies.passed()
		s.publish(3)
		testkit.WaitUntil(s.t, "outputs are being written", func() bool { return s.proxies.passed() > before+4 })
		s.kill(pid)
		s.proxies.reset()
	}},
	{name: "handler killed three times: a new host instance", cause: func(s *stack) {
		for range 3 {
			pid := s.handler()
			s.publish(1)
			s.kill(pid)
			testkit.WaitUntil(s.t, "the handler is gone", func() bool {
				pids := s.handlers()
				return len(pids) == 0 || pids[0] != pid
			})
		}
		s.publish(1)
		s.output.WaitFor(s.t, "crashed three times")
	}},
	{name: "devhost killed and started again", cause: func(s *stack) {
		s.publish(3)
		s.killDevhost()
		s.startDevhost()
	}},
	{name: "storage refuses connections", cause: func(s *stack) {
		s.proxies.set(func(p *proxy) { p.down.Store(true) })
		s.publish(3)
		time.Sleep(time.Second)
		s.proxies.reset()
	}},
	{name: "tables refuse connections: queue messages without rows", cause: func(s *stack) {
		s.proxies["Table"].down.Store(true)
		s.publish(3)
		time.Sleep(time.Second)
		s.proxies.reset()
	}},
	{name: "storage stopped and started again", cause: func(s *stack) {
		s.publish(3)
		s.restartAzurite()
	}},
	{name: "storage hangs for 2 seconds", cause: func(s *stack) { s.hang(2 * time.Second) }},
	{name: "storage hangs for 35 seconds, longer than Event Grid waits", cause: func(s *stack) { s.hang(35 * time.Second) }},
	{name: "storage slow: 50 ms for each chunk", cause: func(s *stack) {
		s.proxies.set(func(p *proxy) { p.delay.Store(int64(50 * time.Millisecond)) })
		s.publish(3)
		time.Sleep(time.Second)
		s.proxies.reset()
	}},
	{name: "storage closes a connection at every tenth chunk", cause: func(s *stack) {
		s.proxies.set(func(p *proxy) { p.broken.Store(10) })
		s.publish(3)
		time.Sleep(2 * time.Second)
		s.proxies.reset()
	}},
	{name: "events of the years 1, 1970, 2100 and 9999", cause: func(s *stack) {
		var batch []string
		for _, at := range []time.Time{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC)} {
			batch = append(batch, s.event("text", at, "Hello"), s.event("failed", at, ""))
		}
		s.publishBody("[" + strings.Join(batch, ",") + "]")
	}},
	{name: "clock set back by an hour while devhost is down", cause: func(s *stack) { s.moveClock(-time.Hour) }},
	{name: "clock set forward by 25 hours while devhost is down", cause: func(s *stack) { s.moveClock(25 * time.Hour) }},
	{name: "200 slow and half-closed connections to the handler", cause: func(s *stack) {
		defer slowClients(s.t, s.handlerAddress(), 100)()
		s.publish(3)
		s.settle()
	}},
	{name: "1,000 concurrent invocations", cause: func(s *stack) {
		var posting sync.WaitGroup
		var repeated, refused atomic.Int64
		for range 1000 {
			body := "[" + s.event("text", time.Now(), "Hello") + "]"
			posting.Go(func() {
				for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(100 * time.Millisecond) {
					if s.deliver(receiver, body) == http.StatusAccepted {
						return
					}
					repeated.Add(1)
				}
				refused.Add(1)
			})
		}
		posting.Wait()
		if refused.Load() > 0 {
			s.t.Fatalf("%d of 1,000 deliveries were not accepted within 2 minutes", refused.Load())
		}
		s.t.Logf("%d deliveries were repeated", repeated.Load())
	}},
	{name: "body over the limit", environ: []string{"HANDLER_MAX_BODY_BYTES=9437184"}, cause: func(s *stack) {
		body := "[" + s.event("text", time.Now(), strings.Repeat("x", 10<<20)) + "]"
		if status := s.deliver(receiver, body); status != http.StatusInternalServerError {
			s.t.Errorf("status %d", status)
		}
		last := len(s.accepted) - 1
		s.accepted, s.refused = s.accepted[:last], append(s.refused, s.accepted[last])
		if !strings.Contains(s.output.String(), "413") {
			s.t.Error("devhost does not print the answer 413")
		}
		s.publish(1)
	}},
	{name: "one delivery of 5,000 events", cause: func(s *stack) {
		batch := make([]string, 5000)
		for i := range batch {
			batch[i] = s.event("text", time.Now(), "Hello")
		}
		if status := s.deliver(receiver, "["+strings.Join(batch, ",")+"]"); status != http.StatusAccepted {
			s.t.Errorf("status %d", status)
		}
	}},
	{name: "one event of 1 MB", cause: func(s *stack) {
		s.publishBody(s.event("text", time.Now(), strings.Repeat("x", 1_000_000)))
		s.publishBody(s.event("text", time.Now(), strings.Repeat(`"`, 500_000)))
	}},
}

// hang makes storage hang with deliveries on their way.
func (s *stack) hang(d time.Duration) {
	s.proxies.set(func(p *proxy) { p.hangs.Store(true) })
	s.publish(3)
	time.Sleep(d)
	s.proxies.reset()
}

// TestFaults checks that after each fault everything that was accepted is
// written, and no row twice.
func TestFaults(t *testing.T) {
	testkit.Long(t, "runs devhost and Azurite once for each fault")
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		testkit.Skip(t, "there is no /proc to find processes in")
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, f.environ...)
			var longest time.Duration
			for range *attempts {
				s.publish(2)
				f.cause(s)
				longest = max(longest, s.settle())
			}
			s.publish(1)
			s.settle()
			a := s.account()
			t.Logf("%d events, %d lost, %d kept in blobs, %d queue messages repeated, %d duplicate rows, recovered within %s",
				a.events, a.lost, a.kept, a.repeatedMessages, a.duplicateRows, longest.Round(10*time.Millisecond))
		})
	}
}
