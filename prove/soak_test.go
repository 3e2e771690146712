package prove_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/internal/testkit"
	"whatsapp-functions/prove"
)

// load asks a handler the same questions over and over.
type load struct {
	client    *http.Client
	base      string
	questions []question
	next      atomic.Int64
	errors    atomic.Int64
	first     atomic.Pointer[string]
}

type question struct{ function, body string }

// newLoad asks about every sample, alone and with nine others.
func newLoad(t testing.TB, address string) *load {
	t.Helper()
	l := &load{base: "http://" + address + "/", client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}}
	var events []dotnet.Value
	for _, text := range sampleEvents(t) {
		value, err := dotnet.Read([]byte(text), dotnet.Options{})
		must(t, err)
		events = append(events, value)
	}
	for i := range events {
		function := []string{receiver, statuses}[i%2]
		call := bridge.Call{ID: guid(int64(i)), Function: function, Trigger: "eventGridEvents", Events: events[i : i+1], Many: true, Now: time.Now(), GUID: guid(1)}
		l.questions = append(l.questions, question{function, call.Body()})
		if i%10 == 0 {
			call.Events = events[i:min(i+10, len(events))]
			l.questions = append(l.questions, question{function, call.Body()})
		}
	}
	return l
}

// ask asks one question and counts what goes wrong.
func (l *load) ask() {
	q := l.questions[int(l.next.Add(1))%len(l.questions)]
	err := func() error {
		request, err := http.NewRequest(http.MethodPost, l.base+q.function, strings.NewReader(q.body))
		if err != nil {
			return err
		}
		request.ContentLength = -1 // in chunks, as the host sends it
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
		response, err := l.client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		n, err := io.Copy(io.Discard, response.Body)
		if err == nil && (response.StatusCode != http.StatusOK || n < 2) {
			err = fmt.Errorf("status %d, %d bytes", response.StatusCode, n)
		}
		return err
	}()
	if err != nil {
		text := err.Error()
		l.first.CompareAndSwap(nil, &text)
		l.errors.Add(1)
	}
}

// connections is how many questions are under way at once, at most. With many
// more, a machine that has fallen behind does not catch up: to attend to all of
// them takes what answering takes.
func connections() int { return 4 * runtime.GOMAXPROCS(0) }

// peak is how many questions a second are answered when as many are asked as
// can be.
func (l *load) peak(d time.Duration) float64 {
	var asked atomic.Int64
	var asking sync.WaitGroup
	started := time.Now()
	for range connections() {
		asking.Go(func() {
			for time.Since(started) < d {
				l.ask()
				asked.Add(1)
			}
		})
	}
	asking.Wait()
	return float64(asked.Load()) / time.Since(started).Seconds()
}

// steady asks at a rate that does not wait for answers, and returns how long
// each answer took from when its question was due, in the order of questions.
// What it had no time left to ask, where the machine can't keep up, it leaves.
func (l *load) steady(rate float64, d time.Duration) (latencies []time.Duration, left int) {
	latencies = make([]time.Duration, int(rate*d.Seconds()))
	due := make(chan int, len(latencies))
	started := time.Now()
	at := func(i int) time.Time { return started.Add(time.Duration(float64(i) / rate * float64(time.Second))) }
	var asking sync.WaitGroup
	for range connections() {
		asking.Go(func() {
			for i := range due {
				if time.Since(started) > d {
					continue
				}
				l.ask()
				latencies[i] = time.Since(at(i))
			}
		})
	}
	for i := range latencies {
		if wait := time.Until(at(i)); wait > 0 {
			time.Sleep(wait)
		}
		due <- i
	}
	close(due)
	asking.Wait()
	planned := len(latencies)
	latencies = slices.DeleteFunc(latencies, func(l time.Duration) bool { return l == 0 })
	return latencies, planned - len(latencies)
}

func percentile(latencies []time.Duration, p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(latencies))
	return sorted[int(float64(len(sorted)-1)*p)]
}

// footprint is what a process takes.
type footprint struct{ rss, threads, files int }

// footprint reads it of the handler, in KiB and numbers.
func (h *handler) footprint(t testing.TB) (f footprint) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", h.command.Process.Pid)
	text, err := os.ReadFile(proc + "status")
	must(t, err)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		number, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			f.rss = number
		case "Threads":
			f.threads = number
		}
	}
	files, err := os.ReadDir(proc + "fd")
	must(t, err)
	f.files = len(files)
	return f
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ `)

// goroutines ends the handler and counts those that it had: on SIGQUIT a Go
// program tells all of them.
func (h *handler) goroutines(t testing.TB) int {
	t.Helper()
	must(t, h.command.Process.Signal(syscall.SIGQUIT))
	_ = h.command.Wait()
	return len(goroutine.FindAllString(h.stderr.String(), -1))
}

// idle waits until the handler has no connection left, and returns how many
// goroutines it then has.
func (h *handler) idle(t testing.TB, l *load, files int) int {
	t.Helper()
	l.client.CloseIdleConnections()
	waitUntil(t, "the connections are gone", 20*time.Second, func() bool { return h.footprint(t).files <= files })
	time.Sleep(100 * time.Millisecond) // for their goroutines
	return h.goroutines(t)
}

// At nine tenths of the most that it can do the handler makes no error, and
// takes no more memory, threads, files and goroutines in the end than at the
// start.
func TestSoak(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		testkit.Skip(t, "there is no /proc to read what a process takes")
	}
	duration, err := prove.Soak.Duration(20 * time.Second)
	must(t, err)
	root := appFolder(t, nil)
	fresh := startHandler(t, root, "GOTRACEBACK=all")
	few := newLoad(t, fresh.address)
	files := fresh.footprint(t).files
	few.peak(time.Second)
	want := fresh.idle(t, few, files)

	h := startHandler(t, root, "GOTRACEBACK=all")
	l := newLoad(t, h.address)
	files = h.footprint(t).files

	// What the machine can do changes with what else it does: each tenth of
	// the time has a peak of its own.
	const parts = 10
	var samples []footprint
	var windows [][]time.Duration
	var peaks []float64
	asked, left := 0, 0
	for range parts {
		peak := l.peak(duration / parts / 6)
		latencies, late := l.steady(0.9*peak, duration/parts*5/6)
		windows, peaks = append(windows, latencies), append(peaks, peak)
		asked, left = asked+len(latencies), left+late
		samples = append(samples, h.footprint(t))
	}
	if n := l.errors.Load(); n > 0 {
		t.Errorf("%d errors, the first: %s", n, *l.first.Load())
	}
	early, late := samples[1], samples[parts-1]
	if late.rss > early.rss*5/4+8<<10 {
		t.Errorf("memory grows from %d to %d KiB", early.rss, late.rss)
	}
	if late.threads > early.threads+8 {
		t.Errorf("threads grow from %d to %d", early.threads, late.threads)
	}
	got := h.idle(t, l, files)
	if got > want {
		t.Errorf("%d goroutines are left, %d in a handler that has worked for a second", got, want)
	}
	var p99 []string
	for _, latencies := range windows {
		p99 = append(p99, percentile(latencies, 0.99).Round(100*time.Microsecond).String())
	}
	all := slices.Concat(windows...)
	p50 := percentile(all, 0.5).Round(10 * time.Microsecond)
	peak := fmt.Sprintf("%s to %s/s", prove.Count(int(slices.Min(peaks))), prove.Count(int(slices.Max(peaks))))
	t.Logf("peaks %s; %d asked, %d left; p50 %s, p99 of each tenth %v; RSS %d → %d KiB, threads %d → %d, goroutines %d → %d",
		peak, asked, left, p50, p99, early.rss, late.rss, early.threads, late.threads, want, got)
	prove.Table{
		Columns: []string{"time", "peaks", "invocations at nine tenths of them", "no time left for", "errors", "p50", "p99 of each tenth", "RSS", "threads", "goroutines when idle"},
		Rows: [][]string{{
			duration.String(), peak, prove.Count(asked), prove.Count(left), prove.Count(l.errors.Load()), p50.String(), strings.Join(p99, ", "),
			fmt.Sprintf("%d → %d MiB", early.rss>>10, late.rss>>10), fmt.Sprintf("%d → %d", early.threads, late.threads), fmt.Sprintf("%d → %d", want, got),
		}},
	}.Save(t, "soak")
}
