package platform_test

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/internal/testkit"
)

// start starts an app folder.
func start(t *testing.T, o platform.Options) (*platform.Platform, *testkit.Log) {
	t.Helper()
	said := new(testkit.Log)
	o.Log = said.Logger()
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
