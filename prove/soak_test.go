package prove_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
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
)

// load sends the same invocations to a handler over and over.
type load struct {
	client      *http.Client
	base        string
	invocations []invocation
	sent        atomic.Int64
	errors      atomic.Int64
	firstError  atomic.Pointer[string]
}

type invocation struct{ function, body string }

// newLoad makes invocations of every sample, alone and in batches of ten.
func newLoad(t testing.TB, address string) *load {
	t.Helper()
	l := &load{base: "http://" + address + "/", client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}}
	var events []dotnet.Value
	for _, text := range sampleEvents(t) {
		value, err := dotnet.Read([]byte(text), dotnet.Options{Depth: 128})
		testkit.Must(t, err)
		events = append(events, value)
	}
	for i := range events {
		function := []string{receiver, statuses}[i%2]
		call := bridge.Call{ID: guid(int64(i)), Function: function, Trigger: "eventGridEvents", Events: events[i : i+1], Many: true, Now: time.Now(), GUID: guid(1)}
		l.invocations = append(l.invocations, invocation{function, call.Body()})
		if i%10 == 0 {
			call.Events = events[i:min(i+10, len(events))]
			l.invocations = append(l.invocations, invocation{function, call.Body()})
		}
	}
	return l
}

// run keeps connections busy for some time.
func (l *load) run(d time.Duration) {
	var sending sync.WaitGroup
	started := time.Now()
	for range 4 * runtime.GOMAXPROCS(0) {
		sending.Go(func() {
			for time.Since(started) < d {
				if err := l.send(l.invocations[int(l.sent.Add(1))%len(l.invocations)]); err != nil {
					l.firstError.CompareAndSwap(nil, new(err.Error()))
					l.errors.Add(1)
				}
			}
		})
	}
	sending.Wait()
}

func (l *load) send(i invocation) error {
	request, err := http.NewRequest(http.MethodPost, l.base+i.function, strings.NewReader(i.body))
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
}

// resources are what a process uses: resident memory in KiB, threads and open
// files.
type resources struct{ memory, threads, files int }

func (h *handler) resources(t testing.TB) (r resources) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", h.command.Process.Pid)
	text, err := os.ReadFile(proc + "status")
	testkit.Must(t, err)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		number, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			r.memory = number
		case "Threads":
			r.threads = number
		}
	}
	files, err := os.ReadDir(proc + "fd")
	testkit.Must(t, err)
	r.files = len(files)
	return r
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ `)

// goroutines waits until the handler has no connection, ends it, and counts its
// goroutines: on SIGQUIT a Go program prints them.
func (h *handler) goroutines(t testing.TB, l *load, idleFiles int) int {
	t.Helper()
	l.client.CloseIdleConnections()
	testkit.WaitUntil(t, "the connections are closed", func() bool { return h.resources(t).files <= idleFiles })
	time.Sleep(100 * time.Millisecond) // for the goroutines of the connections
	testkit.Must(t, h.command.Process.Signal(syscall.SIGQUIT))
	_ = h.command.Wait()
	return len(goroutine.FindAllString(h.stderr.String(), -1))
}

// TestSoak checks that under full load the handler makes no error, and that its
// memory, threads and goroutines do not grow.
func TestSoak(t *testing.T) {
	testkit.Long(t, "keeps the handler under load for 20 seconds")
	if _, err := os.Stat("/proc/self/status"); err != nil {
		testkit.Skip(t, "there is no /proc to read resources from")
	}
	start := func() (h *handler, l *load, idleFiles int) {
		h = startHandler(t, testkit.AppFolder(t), "GOTRACEBACK=all")
		return h, newLoad(t, h.address), h.resources(t).files
	}
	h, l, idleFiles := start()
	l.run(time.Second)
	want := h.goroutines(t, l, idleFiles)

	h, l, idleFiles = start()
	const parts = 10
	var samples []resources
	for range parts {
		l.run(*soakTime / parts)
		samples = append(samples, h.resources(t))
	}
	if n := l.errors.Load(); n > 0 {
		t.Errorf("%d errors, the first: %s", n, *l.firstError.Load())
	}
	early, late := samples[1], samples[parts-1]
	if late.memory > early.memory*5/4+8<<10 {
		t.Errorf("memory grows from %d to %d KiB", early.memory, late.memory)
	}
	if late.threads > early.threads+8 {
		t.Errorf("threads grow from %d to %d", early.threads, late.threads)
	}
	got := h.goroutines(t, l, idleFiles)
	if got > want {
		t.Errorf("%d goroutines are left, and only %d after a second of load", got, want)
	}
	t.Logf("%s: %d invocations, %d errors, memory %d → %d KiB, threads %d → %d, goroutines %d → %d",
		*soakTime, l.sent.Load(), l.errors.Load(), early.memory, late.memory, early.threads, late.threads, want, got)
}
