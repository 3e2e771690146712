package prove_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/prove"
)

// trial is one way in which things go wrong. It returns when that is over, and
// may have published more than it was given.
type trial struct {
	name string
	// hurt makes it happen while events are on their way.
	hurt func(s *stand)
	// long says that it is tried only where time is given.
	long bool
	// environ is what the handler's environment has besides.
	environ []string
}

var trials = []trial{
	{name: "handler killed before a delivery", hurt: func(s *stand) {
		s.kill(s.handler())
		s.publish(3)
	}},
	{name: "handler killed with a delivery in its hands", hurt: func(s *stand) {
		pid := s.handler()
		must(s.t, syscall.Kill(pid, syscall.SIGSTOP))
		s.publish(3)
		time.Sleep(50 * time.Millisecond)
		s.kill(pid)
	}},
	{name: "handler killed while its outputs are written", hurt: func(s *stand) {
		pid := s.handler()
		s.wire.slow.Store(int64(20 * time.Millisecond))
		before := s.wire.passed.Load()
		s.publish(3)
		waitUntil(s.t, "outputs are being written", 20*time.Second, func() bool { return s.wire.passed.Load() > before+4 })
		s.kill(pid)
		s.wire.heal()
	}},
	{name: "handler killed three times: a new host instance", hurt: func(s *stand) {
		said := len(s.said.String())
		for range 3 {
			pid := s.handler()
			s.publish(1)
			s.kill(pid)
			waitUntil(s.t, "the handler is gone", 10*time.Second, func() bool { return syscall.Kill(pid, 0) != nil || len(s.handlers()) == 0 || s.handlers()[0] != pid })
		}
		s.publish(1)
		waitUntil(s.t, "the host ends", 30*time.Second, func() bool { return strings.Contains(s.said.String()[said:], "host") })
	}},
	{name: "devhost killed and started again", hurt: func(s *stand) {
		s.publish(3)
		s.killDevhost()
		s.startDevhost()
	}},
	{name: "storage refuses connections", hurt: func(s *stand) {
		s.wire.down.Store(true)
		s.publish(3)
		time.Sleep(time.Second)
		s.wire.heal()
	}},
	{name: "storage stopped and started again", hurt: func(s *stand) {
		s.publish(3)
		s.restartAzurite()
	}},
	{name: "storage hangs for 2 seconds", hurt: func(s *stand) {
		s.wire.hangs.Store(true)
		s.publish(3)
		time.Sleep(2 * time.Second)
		s.wire.heal()
	}},
	{name: "storage hangs for 35 seconds, longer than Event Grid waits", long: true, hurt: func(s *stand) {
		s.wire.hangs.Store(true)
		s.publish(3)
		time.Sleep(35 * time.Second)
		s.wire.heal()
	}},
	{name: "storage slow: 50 ms for each piece", hurt: func(s *stand) {
		s.wire.slow.Store(int64(50 * time.Millisecond))
		s.publish(3)
		time.Sleep(time.Second)
		s.wire.heal()
	}},
	{name: "storage breaks every tenth piece", hurt: func(s *stand) {
		s.wire.broken.Store(10)
		s.publish(3)
		time.Sleep(2 * time.Second)
		s.wire.heal()
	}},
	{name: "clock jumps: events of the years 1, 1970, 2100 and 9999", hurt: func(s *stand) {
		var batch []string
		for _, at := range []time.Time{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC)} {
			batch = append(batch, s.event("text", at, "Hello"), s.event("failed", at, ""))
		}
		s.publishText("[" + strings.Join(batch, ",") + "]")
	}},
	{name: "clock set back by an hour while devhost is down", hurt: func(s *stand) { s.jump(time.Hour) }},
	{name: "clock set on by 25 hours while devhost is down", hurt: func(s *stand) { s.jump(-25 * time.Hour) }},
	{name: "200 slow and half-closed connections at the handler", hurt: func(s *stand) {
		defer strangers(s.t, s.handlerAddress(), 100)()
		s.publish(3)
		s.settle()
	}},
	{name: "1,000 concurrent invocations", hurt: func(s *stand) {
		var posting sync.WaitGroup
		var again atomic.Int64
		for range 1000 {
			body := "[" + s.event("text", time.Now(), "Hello") + "]"
			posting.Go(func() {
				for s.t.Context().Err() == nil && s.deliver(receiver, body) != http.StatusAccepted {
					again.Add(1)
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		posting.Wait()
		s.t.Logf("%d deliveries were repeated", again.Load())
	}},
	{name: "body over the limit", environ: []string{"HANDLER_MAX_BODY_BYTES=4194304"}, hurt: func(s *stand) {
		body := "[" + s.event("text", time.Now(), strings.Repeat("x", 5<<20)) + "]"
		if status := s.deliver(receiver, body); status != http.StatusInternalServerError {
			s.t.Errorf("status %d", status)
		}
		last := len(s.ids) - 1
		s.ids, s.refused = s.ids[:last], append(s.refused, s.ids[last])
		if !strings.Contains(s.said.String(), "413") {
			s.t.Error("nobody hears of it")
		}
		s.publish(1)
	}},
	{name: "one delivery of 5,000 events", long: true, hurt: func(s *stand) {
		batch := make([]string, 5000)
		for i := range batch {
			batch[i] = s.event("text", time.Now(), "Hello")
		}
		if status := s.deliver(receiver, "["+strings.Join(batch, ",")+"]"); status != http.StatusAccepted {
			s.t.Errorf("status %d", status)
		}
	}},
	{name: "one event of 1 MB", hurt: func(s *stand) {
		s.publishText(s.event("text", time.Now(), strings.Repeat("x", 1_000_000)))
		s.publishText(s.event("text", time.Now(), strings.Repeat(`"`, 500_000)))
	}},
}

// jump has the clock jump while devhost is down: the times that it has kept
// are then later, or earlier, than now.
func (s *stand) jump(by time.Duration) {
	s.wire.down.Store(true)
	s.publish(3)
	waitUntil(s.t, "a delivery fails", 60*time.Second, func() bool { return strings.Contains(s.said.String(), "invocation failed") })
	s.stopDevhost()
	times := regexp.MustCompile(`"(published|lastAttempt|next)": ?"([^"]+)"`)
	moved := 0
	must(s.t, filepath.WalkDir(filepath.Join(s.data, "eventgrid"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		must(s.t, err)
		text = times.ReplaceAllFunc(text, func(member []byte) []byte {
			match := times.FindSubmatch(member)
			at, err := time.Parse(time.RFC3339Nano, string(match[2]))
			must(s.t, err)
			moved++
			return fmt.Appendf(nil, "%q: %q", match[1], at.Add(by).Format(time.RFC3339Nano))
		})
		return os.WriteFile(path, text, 0o600)
	}))
	if moved == 0 {
		s.t.Error("there was no event whose times could be moved")
	}
	s.wire.heal()
	s.startDevhost()
}

// strangers are connections that never finish what they say, as many of each
// kind. They last until they are told to end.
func strangers(t *testing.T, address string, each int) (end func()) {
	t.Helper()
	done := make(chan struct{})
	var talking sync.WaitGroup
	for i := range 2 * each {
		connection, err := net.Dial("tcp4", address)
		must(t, err)
		talking.Go(func() {
			defer connection.Close()
			if i%2 == 0 { // a request that stops in the middle, and is closed on one side
				_, _ = io.WriteString(connection, "POST /AdvancedMessageTrigger HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"Data\":")
				_ = connection.(*net.TCPConn).CloseWrite()
				<-done
				return
			}
			for _, c := range []byte("POST /AdvancedMessageTrigger HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 1<<20)) {
				if _, err := connection.Write([]byte{c}); err != nil {
					return
				}
				select {
				case <-time.After(50 * time.Millisecond):
				case <-done:
					return
				}
			}
		})
	}
	return func() {
		close(done)
		talking.Wait()
	}
}

// Whatever goes wrong: once it is over, all that was accepted is written, no
// row twice.
func TestFaults(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		testkit.Skip(t, "there is no /proc to find processes in")
	}
	tries := number(t, prove.Tries, 1)
	rows := make([][]string, len(trials))
	t.Run("all", func(t *testing.T) {
		for i, trial := range trials {
			if trial.long && tries == 1 {
				continue
			}
			t.Run(trial.name, func(t *testing.T) {
				t.Parallel()
				rows[i] = trial.run(t, tries)
			})
		}
	})
	prove.Table{
		Columns: []string{"fault", "tries", "events", "lost", "duplicated rows", "repeated queue messages", "kept in blobs", "time to recover"},
		Rows:    slices.DeleteFunc(rows, func(row []string) bool { return row == nil }),
	}.Save(t, "faults")
}

// run tries it so many times, and returns what to tell of it.
func (trial trial) run(t *testing.T, tries int) []string {
	t.Helper()
	s := newStand(t, trial.environ...)
	var longest time.Duration
	for range tries {
		s.publish(2)
		trial.hurt(s)
		longest = max(longest, s.settle())
	}
	s.publish(1)
	s.settle()
	a := s.account()
	if a.duplicateRows > 0 {
		t.Errorf("%d rows too many", a.duplicateRows)
	}
	t.Logf("%d events, %d kept in blobs, %d queue messages repeated, recovered within %s", a.events, a.kept, a.repeatedMessages, longest.Round(time.Millisecond))
	return []string{
		trial.name, prove.Count(tries), prove.Count(a.events), prove.Count(a.lost), prove.Count(a.duplicateRows), prove.Count(a.repeatedMessages), prove.Count(a.kept),
		longest.Round(10 * time.Millisecond).String(),
	}
}
