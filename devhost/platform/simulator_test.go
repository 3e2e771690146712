package platform_test

import (
	"bufio"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/devhost/faults"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
)

// ask asks the page's server and returns the answer.
func ask(t *testing.T, p *platform.Platform, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
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

// first is the first live update.
func first(t *testing.T, p *platform.Platform) (u struct {
	Deliveries []struct {
		ID, Outcome  string
		Attempt      int
		Subscription string
		Invocations  []struct{ Error string }
	}
	Parts map[string]any
}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL()+"/simulator/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &u, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPageIsProtected(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	response, err := http.Get(p.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	policy := response.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || response.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(string(text), "<title>WhatsApp simulator") {
		t.Errorf("%v %s", response.Header, text)
	}
	for _, in := range []string{"<script>", "style=", "onclick", "http://", "https://"} {
		if strings.Contains(string(text), in) {
			t.Errorf("the page holds %s", in)
		}
	}
	for path, want := range map[string]int{"/simulator/page.js": 200, "/simulator/page.css": 200, "/simulator/icon.svg": 200, "/simulator/none.js": 404, "/simulator/": 404, "/simulator/..%2fsimulator.go": 404, "/none": 404} {
		if status, text := ask(t, p, "GET", path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	evil := []string{"Origin", "https://example.com"}
	for path, method := range map[string]string{
		"/events": "POST", "/admin/functions/F": "POST", "/runtime/webhooks/EventGrid?functionName=F": "POST",
		"/simulator/messages": "POST", "/simulator/faults": "PUT", "/simulator/storage/clear": "POST", "/simulator/live": "GET", "/": "POST",
	} {
		if status, text := ask(t, p, method, path, "[]", evil...); status != http.StatusForbidden {
			t.Errorf("another site's %s: %d %s", path, status, text)
		}
	}
	for _, path := range []string{"/", "/simulator/live", "/simulator/storage", "/admin/functions", "/admin/host/status"} {
		if status, text := ask(t, p, "GET", path, "", "Host", "example.com"); status != http.StatusForbidden || !strings.Contains(text, p.URL()) {
			t.Errorf("by another name, %s: %d %s", path, status, text)
		}
	}
	if status, text := ask(t, p, "POST", "/simulator/deliver-now", "{}", "Content-Type", "text/plain"); status != http.StatusUnsupportedMediaType {
		t.Errorf("a form: %d %s", status, text)
	}
}

func TestErrorsOfThePage(t *testing.T) {
	t.Parallel()
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil)})
	for name, test := range map[string]struct {
		method, path, body string
		status             int
		text               string
	}{
		"a text message without text":       {"POST", "/simulator/messages", `{"message":{"kind":"text"}}`, 400, "a text message needs a text"},
		"too many":                          {"POST", "/simulator/messages", `{"count":1001,"message":{"kind":"text","text":"x"}}`, 400, "use 1 to 1000"},
		"many of one id":                    {"POST", "/simulator/messages", `{"count":2,"message":{"id":"1","kind":"text","text":"x"}}`, 400, "leave it empty"},
		"another schema":                    {"POST", "/simulator/messages", `{"schema":"xml","message":{"kind":"text","text":"x"}}`, 400, "eventgrid or cloudevents"},
		"an unknown field":                  {"POST", "/simulator/messages", `{"massage":{}}`, 400, `{"error":"the request can't be read: unknown field \"massage\""}`},
		"from the future":                   {"POST", "/simulator/statuses", `{"age":-1,"status":{"status":"read"}}`, 400, "the age must be"},
		"another status":                    {"POST", "/simulator/statuses", `{"status":{"status":"not a word"}}`, 400, "sent, delivered, read, failed"},
		"a share above 1":                   {"PUT", "/simulator/faults", `{"crashes":0,"failWrites":2,"duplicates":0,"reorder":false,"delay":0}`, 400, "from 0 to 1"},
		"an endless delay":                  {"PUT", "/simulator/faults", `{"crashes":0,"failWrites":0,"duplicates":0,"reorder":false,"delay":1e300}`, 400, "from 0 to 10 minutes"},
		"an unknown delivery":               {"GET", "/simulator/deliveries/none", "", 404, "no longer kept"},
		"an unknown delivery to send again": {"POST", "/simulator/deliveries/none/again", "{}", 404, "no longer kept"},
		"an unknown queue":                  {"GET", "/simulator/storage/queue/none", "", 404, "the queue none does not exist"},
		"a queue outside of storage":        {"GET", "/simulator/storage/queue/..%2f..", "", 404, "the queue ../.. does not exist"},
		"an unknown kind":                   {"GET", "/simulator/storage/share/x", "", 404, "use queue, table or container"},
		"an unknown blob":                   {"GET", "/simulator/blob?container=my-blobs&name=none", "", 404, "the blob does not exist"},
		"a blob outside of storage":         {"GET", "/simulator/blob?container=..&name=..%2fx", "", 404, "container name"},
	} {
		status, text := ask(t, p, test.method, test.path, test.body)
		if status != test.status || !strings.Contains(text, test.text) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
}

// A delivery that was posted to the webhook is traced, posted again, and made a
// test case of.
func TestPageTracesDirectCall(t *testing.T) {
	t.Parallel()
	var kept history.Transcript
	var failure error
	p, _ := start(t, platform.Options{Folder: playApp(t, nil, nil), SaveCase: func(_ context.Context, t history.Transcript) (string, error) {
		kept = t
		return "case.json", failure
	}})
	deliver(t, p, "M", order{Answer: `{"Outputs":{"queue":["it's one"],"table":["{\"PartitionKey\":\"p\",\"RowKey\":\"r\",\"ETag\":\"*\",\"N\":7}"],"blob":"eHg="},"Logs":["hello"]}`})
	u := first(t, p)
	if len(u.Deliveries) != 1 || u.Deliveries[0].Outcome != "delivered" || u.Deliveries[0].Subscription != "" {
		t.Fatalf("%+v", u.Deliveries)
	}
	path := "/simulator/deliveries/" + u.Deliveries[0].ID
	_, text := ask(t, p, "GET", path, "")
	for _, part := range []string{`"logs":["hello"]`, `"target":"queue my-queue"`, `curl -i '` + p.Webhook("M") + `'`, `it'\\''s one`} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s in %s", part, text)
		}
	}
	if status, text := ask(t, p, "POST", path+"/case", "{}"); status != 200 || text != `{"file":"case.json"}` || kept.Function != "M" {
		t.Errorf("%d %s %+v", status, text, kept)
	}
	failure = errors.New("not this one")
	if status, text := ask(t, p, "POST", path+"/case", "{}"); status != 409 || !strings.Contains(text, "not this one") {
		t.Errorf("%d %s", status, text)
	}
	if status, text := ask(t, p, "POST", path+"/again", "{}"); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	if got := queue(t, p); len(got) != 2 {
		t.Errorf("the queue holds %q", got)
	}
	for path, part := range map[string]string{
		"/simulator/storage":                    `{"kind":"queue","name":"my-queue","count":2}`,
		"/simulator/storage/queue/my-queue":     `"text":"it's one"`,
		"/simulator/storage/table/MyTable":      `"N":{"type":"Edm.Int64","value":"7"}`,
		"/simulator/storage/container/my-blobs": `"size":2`,
	} {
		if status, text := ask(t, p, "GET", path, ""); status != 200 || !strings.Contains(text, part) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, text := ask(t, p, "POST", "/simulator/storage/clear", "{}"); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	contents, err := storage.ReadContents(t.Context(), p.Storage())
	if err != nil || len(contents.Queues) != 0 {
		t.Errorf("%+v %v", contents, err)
	}
}

// A handler that is killed on request has not answered; writes that fail on
// request fail the invocation.
func TestFaults(t *testing.T) {
	t.Parallel()
	p, said := start(t, platform.Options{Folder: playApp(t, nil, nil), Faults: faults.Switches{Crashes: 1}})
	answer := order{Answer: `{"Outputs":{"queue":["one"]}}`}
	if status, text := deliver(t, p, "M", answer); status != 500 {
		t.Errorf("answer %d %s", status, text)
	}
	said.Wait(t, "the handler is killed on request", 1)
	said.Wait(t, "the handler ended with exit code 137", 1)
	if failed := first(t, p).Deliveries[0].Invocations[0].Error; failed != "the handler was killed on request, by the fault Crash" {
		t.Errorf("the page shows the reason %q", failed)
	}
	if got := queue(t, p); len(got) != 0 {
		t.Errorf("the queue holds %q", got)
	}
	if status, text := deliver(t, p, "M", answer); status != 202 {
		t.Errorf("answer %d %s", status, text)
	}
	if status, text := ask(t, p, "PUT", "/simulator/faults", `{"crashes":0,"failWrites":1,"duplicates":0,"reorder":false,"delay":0}`); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if status, text := deliver(t, p, "M", answer); status != 500 {
		t.Errorf("answer %d %s", status, text)
	}
	said.Wait(t, faults.ErrOnRequest.Error(), 1)
	if on := first(t, p).Parts["faults"].(map[string]any)["failWrites"]; on != 1.0 {
		t.Errorf("the page is told %v", on)
	}
	_, err := platform.Start(t.Context(), platform.Options{Folder: playApp(t, nil, nil), Address: "127.0.0.1:0", Faults: faults.Switches{FailWrites: 2}})
	if err == nil || !strings.Contains(fmt.Sprint(err), "from 0 to 1") {
		t.Errorf("it starts with %v", err)
	}
}
