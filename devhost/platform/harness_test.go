package platform_test

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp-functions/devhost/host"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/worker"
)

// console keeps what a host says, a line each.
type console struct {
	mu  sync.Mutex
	all []string
}

func (c *console) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

func (c *console) Line(line worker.Line) { c.add("%s handler: %s", line.Level, line.Text) }

func (c *console) Say(level worker.Level, text string) { c.add("%s host: %s", level, text) }

func (c *console) Done(r host.Result) {
	for _, line := range r.Logs {
		c.add("log: %s", line)
	}
	for _, remark := range r.Outcome.Remarks {
		c.add("remark: %s", remark)
	}
	c.add("done %s: %v", r.Call.Function, r.Err)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.all, "\n")
}

// wait waits until something is said.
func (c *console) wait(t *testing.T, text string) {
	t.Helper()
	for range 3000 {
		if strings.Contains(c.String(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q is not said:\n%s", text, c)
}

// waitTimes waits until something has been said so many times.
func (c *console) waitTimes(t *testing.T, text string, times int) {
	t.Helper()
	for range 3000 {
		if strings.Count(c.String(), text) >= times {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q is not said %d times:\n%s", text, times, c)
}

// start starts an app folder.
func start(t *testing.T, o platform.Options) (*platform.Platform, *console) {
	t.Helper()
	said := new(console)
	o.Console = said
	o.Address = "127.0.0.1:0"
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	p, err := platform.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, said
}

// events are events with orders, as Event Grid delivers them.
func events(t *testing.T, orders ...order) []byte {
	t.Helper()
	all := []map[string]any{}
	for i, o := range orders {
		all = append(all, map[string]any{"id": fmt.Sprint(i), "subject": "s", "eventType": "T", "eventTime": "2026-11-20T09:15:03Z", "dataVersion": "1.0", "data": o})
	}
	text, err := json.Marshal(all, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// deliver delivers events to a function and returns the answer.
func deliver(t *testing.T, p *platform.Platform, function string, orders ...order) (status int, body string) {
	t.Helper()
	return post(t, p.Webhook(function), map[string]string{"aeg-event-type": "Notification"}, events(t, orders...))
}

func post(t *testing.T, url string, headers map[string]string, body []byte) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// queue are the texts in the queue my-queue.
func queue(t *testing.T, p *platform.Platform) []string {
	t.Helper()
	messages, err := p.Storage().Messages(t.Context(), "my-queue")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, m := range messages {
		texts = append(texts, string(m.Body))
	}
	return texts
}
