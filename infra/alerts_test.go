package infra

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp-functions/internal/testkit"
)

// alertCase is rows that an alert must or must not be raised for.
type alertCase struct {
	alert  string
	tables map[string][]row
	now    time.Time
	// want are the values of the alert's dimension. Without any, the alert is not raised.
	want []string
}

// Each alert is raised for what it is for, and not for anything else.
func TestAlertsAreRaised(t *testing.T) {
	cases := map[string]alertCase{}
	for _, some := range []map[string]alertCase{handlerCases(t), requestCases, queueCases(), waitingCases(), mediaCases(t)} {
		maps.Copy(cases, some)
	}
	alerts, tested := map[string]logAlert{}, map[string]bool{}
	for _, alert := range readProject(t, repository).logAlerts(t) {
		alerts[alert.name] = alert
	}
	names := slices.Sorted(maps.Keys(cases))
	var runs []queryRun
	for _, name := range names {
		test := cases[name]
		runs = append(runs, queryRun{alerts[test.alert].query, test.now.Format(time.RFC3339), test.tables})
	}
	for i, result := range runQueries(t, runs...) {
		test := cases[names[i]]
		tested[fmt.Sprint(test.alert, len(test.want) > 0)] = true
		var got []string
		for _, row := range result.Rows {
			if total, _ := row["total"].(float64); total > 0 {
				got = append(got, fmt.Sprint(row[alerts[test.alert].dimension]))
			}
		}
		if len(result.Errors) > 0 || !slices.Equal(got, test.want) {
			t.Errorf("%s: %s is raised for %v, want %v; errors: %q", names[i], test.alert, got, test.want, result.Errors)
		}
	}
	for name := range alerts {
		if !tested[name+"true"] || !tested[name+"false"] {
			t.Errorf("%s needs a case in which it is raised, and one in which it is not", name)
		}
	}
}

// handlerCases are lines that the handler writes at every log level. host.json keeps
// those of the level warn.
func handlerCases(t *testing.T) map[string]alertCase {
	t.Helper()
	if runtime.GOOS == "windows" {
		testkit.Skip(t, "the handler is built for Linux; its lines do not depend on the system")
	}
	const secret = "app-secret"
	handler := start(t, "handler", testkit.AppFolder(t), "HANDLER_LOG_LEVEL=error", "META_APP_SECRETS="+secret)
	traces := func(line string) map[string][]row {
		if !strings.Contains(line, `"level":"warn"`) {
			t.Errorf("host.json drops the line: %s", line)
		}
		return console(line)
	}
	event := func(name string) map[string][]row {
		events, err := os.ReadFile(filepath.Join(repository, "testdata/events", name))
		if err != nil {
			t.Fatal(err)
		}
		return traces(handler.complete(t, "StatusTrigger", map[string]any{"eventGridEvents": string(events)}))
	}
	webhook := func(body string) map[string][]row {
		signature := hmac.New(sha256.New, []byte(secret))
		signature.Write([]byte(body))
		headers := map[string][]string{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(signature.Sum(nil))}}
		return traces(handler.complete(t, "WebhookTrigger", map[string]any{"request": map[string]any{"Method": "POST", "Headers": headers, "Query": map[string]any{}, "Body": body}}))
	}
	const failed = `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"phone_number_id":"2"},"statuses":[{"id":"wamid.1","status":"failed","timestamp":"1790000000","recipient_id":"14255550123","errors":[{"code":131047}]}]}}]}]}`
	return map[string]alertCase{
		"a failed message":               {alert: "message-failures", tables: event("eg_status_failed_131047.json"), want: []string{"window-closed"}},
		"a failed message of Meta":       {alert: "message-failures", tables: webhook(failed), want: []string{"window-closed"}},
		"an event at the wrong function": {alert: "rejected", tables: event("eg_received_text.json"), want: []string{"unexpected-type"}},
		"a webhook that is not JSON":     {alert: "rejected", tables: webhook("hello"), want: []string{"malformed-event"}},
		"a failed message, not rejected": {alert: "rejected", tables: event("eg_status_failed_131047.json")},
		"a rejected event, not failed":   {alert: "message-failures", tables: event("eg_received_text.json")},
	}
}

// mediaCases are lines that the media app writes at every log level.
func mediaCases(t *testing.T) map[string]alertCase {
	t.Helper()
	if runtime.GOOS == "windows" {
		testkit.Skip(t, "the media app is built for Linux; its lines do not depend on the system")
	}
	// Storage has no blob, and Meta answers with this status.
	status := http.StatusUnauthorized
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/account/") {
			w.Header().Set("x-ms-error-code", "BlobNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	media := start(t, "media", filepath.Join(repository, "media"), "HANDLER_LOG_LEVEL=error", "MEDIA_META_TOKENS=token", "MEDIA_META_URL="+server.URL,
		"ConversationStorage=DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;BlobEndpoint="+server.URL+"/account")
	const request = `{"specversion":"1.0","type":"conversation.media.requested.v1","source":"urn:meta:whatsapp:1","id":"wamid.1:media","subject":"wamid.1",` +
		`"data":{"eventId":"1","messageId":"wamid.1","channel":{"type":"whatsapp","id":"2"},"media":{"id":"3"},"blob":"2/a.jpg"}}`
	lines := func(answer int) map[string][]row {
		status = answer
		twice, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		var traces []row
		for line := range strings.Lines(media.complete(t, "MediaTrigger", map[string]any{"request": string(twice)})) {
			traces = append(traces, console(line)["traces"]...)
		}
		return map[string][]row{"traces": traces}
	}
	return map[string]alertCase{
		"a refused token":                {alert: "media-forbidden", tables: lines(http.StatusUnauthorized), want: []string{"401"}},
		"a token without the permission": {alert: "media-forbidden", tables: lines(http.StatusForbidden), want: []string{"403"}},
		"a file that is gone":            {alert: "media-forbidden", tables: lines(http.StatusNotFound)},
		"a refused token, not rejected":  {alert: "rejected", tables: lines(http.StatusUnauthorized)},
		"a refused token, no message":    {alert: "message-failures", tables: lines(http.StatusUnauthorized)},
		"a provider that is unavailable": {alert: "media-forbidden", tables: lines(http.StatusServiceUnavailable)},
	}
}

// console is a line that a program writes, in Application Insights.
func console(line string) map[string][]row {
	return map[string][]row{"traces": {{"message": line, "customDimensions": row{"Category": "Host.Function.Console"}, "itemCount": 1}}}
}

func request(name, code, success string, count int) row {
	return row{"name": name, "resultCode": code, "success": success, "itemCount": count}
}

func requests(rows ...row) map[string][]row { return map[string][]row{"requests": rows} }

var requestCases = map[string]alertCase{
	"a failed invocation":   {alert: "function-failures", tables: requests(request("StatusTrigger", "500", "False", 1), request("StatusTrigger", "202", "True", 9)), want: []string{"StatusTrigger"}},
	"a failed file":         {alert: "function-failures", tables: requests(request("MediaTrigger", "500", "False", 1))},
	"no failed invocation":  {alert: "function-failures", tables: requests(request("StatusTrigger", "202", "True", 9))},
	"every event refused":   {alert: "webhook-refused", tables: requests(request("WebhookTrigger", "401", "False", 3)), want: []string{"401"}},
	"one of ten refused":    {alert: "webhook-refused", tables: requests(request("WebhookTrigger", "401", "True", 100), request("WebhookTrigger", "200", "True", 900)), want: []string{"401"}},
	"no secrets":            {alert: "webhook-refused", tables: requests(request("WebhookTrigger", "503", "False", 5)), want: []string{"503"}},
	"a scanner":             {alert: "webhook-refused", tables: requests(request("WebhookTrigger", "401", "True", 50), request("WebhookTrigger", "200", "True", 5000))},
	"two unsigned requests": {alert: "webhook-refused", tables: requests(request("WebhookTrigger", "401", "True", 2))},
	"keys of Event Grid":    {alert: "webhook-refused", tables: requests(request("StatusTrigger", "401", "False", 9))},
	"no requests":           {alert: "webhook-refused", tables: requests()},
}

// first is the time of the first message in the log of the queues.
var first = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// operation is a line of the log of the queues.
func operation(after time.Duration, name, queue string) row {
	return row{"TimeGenerated": first.Add(after).Format(time.RFC3339), "OperationName": name, "StatusCode": "204", "StatusText": "OAuthSuccess", "Uri": "https://chat.queue.core.windows.net:443/" + queue + "/messages?popreceipt=x"}
}

func logs(rows ...row) map[string][]row { return map[string][]row{"StorageQueueLogs": rows} }

// waitingCases show that requests for files that wait are noticed, also if some of
// them are handled.
func waitingCases() map[string]alertCase {
	put, other := operation(0, "PutMessage", "media-requests"), operation(time.Second, "PutMessage", "media-requests")
	handled := operation(time.Minute, "DeleteMessage", "media-requests")
	renewed := operation(time.Minute, "UpdateMessage", "media-requests")
	later := first.Add(45 * time.Minute)
	return map[string]alertCase{
		"a request that waits":                 {"media-waiting", logs(put), later, []string{"media-requests"}},
		"one of two requests waits":            {"media-waiting", logs(put, other, handled), later, []string{"media-requests"}},
		"a request that failed and waits":      {"media-waiting", logs(put, renewed), later, []string{"media-requests"}},
		"a request that was handled":           {"media-waiting", logs(put, handled), later, nil},
		"a request that came just now":         {"media-waiting", logs(put), first.Add(10 * time.Minute), nil},
		"a request from before was handled":    {"media-waiting", logs(handled), later, nil},
		"a message of another queue waits":     {"media-waiting", logs(operation(0, "PutMessage", "inbound-messages")), later, nil},
		"no consumer of results":               {"consumer-stopped", logs(operation(0, "PutMessage", "media-results")), later, []string{"media-results"}},
		"a media app that stopped, once":       {"consumer-stopped", logs(put), later, nil},
		"a request that the media app gave up": {"poison", logs(operation(0, "PutMessage", "media-requests-poison")), first, []string{"media-requests-poison"}},
	}
}

// queueCases show that a consumer that died is noticed within the hour, at ten
// messages a day.
func queueCases() map[string]alertCase {
	put := operation(0, "PutMessage", "inbound-messages")
	refused := operation(time.Second, "DeleteMessage", "inbound-messages")
	refused["StatusCode"] = "404"
	return map[string]alertCase{
		"the last evaluation within the hour": {"consumer-stopped", logs(put), first.Add(45 * time.Minute), []string{"inbound-messages"}},
		"a message that came just now":        {"consumer-stopped", logs(put), first.Add(10 * time.Minute), nil},
		"a message that was handled":          {"consumer-stopped", logs(put, operation(time.Second, "DeleteMessage", "inbound-messages")), first.Add(45 * time.Minute), nil},
		"a queue that was emptied":            {"consumer-stopped", logs(put, operation(time.Second, "ClearMessages", "inbound-messages")), first.Add(45 * time.Minute), nil},
		"a deletion that failed":              {"consumer-stopped", logs(put, refused), first.Add(45 * time.Minute), []string{"inbound-messages"}},
		"another queue's consumer":            {"consumer-stopped", logs(put, operation(time.Second, "DeleteMessage", "failed-messages")), first.Add(45 * time.Minute), []string{"inbound-messages"}},
		"a queue without a consumer":          {"consumer-stopped", logs(operation(0, "PutMessage", "status-updates")), first.Add(45 * time.Minute), nil},
		"no messages":                         {"consumer-stopped", logs(), first, nil},
		"a message in a poison queue":         {"poison", logs(operation(0, "PutMessage", "inbound-messages-poison")), first, []string{"inbound-messages-poison"}},
		"a message in a queue":                {"poison", logs(put), first, nil},
		"a message out of a poison queue":     {"poison", logs(operation(0, "DeleteMessage", "inbound-messages-poison")), first, nil},
	}
}

// Every alert says what it means and what to do.
func TestAlertsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, "docs/operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := readProject(t, repository)
	var names []string
	for _, alert := range all.logAlerts(t) {
		names = append(names, alert.name)
	}
	for _, alert := range all.bicep[eventsFile].find("topicAlerts").Value.([]any) {
		names = append(names, at(alert, "name").(string))
	}
	for _, alert := range all.bicep[alertsFile].ofType("Microsoft.Insights/metricAlerts") {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(alert.text("name"), "'${app}-"), "'"))
	}
	if len(names) < 9 {
		t.Errorf("only %d alerts", len(names))
	}
	for _, name := range names {
		if !regexp.MustCompile("(?m)^\\| `<app>-" + name + "` \\| [^|]{20,} \\| [^|]{20,} \\|$").Match(text) {
			t.Errorf("docs/operate.md has no row for the alert %s", name)
		}
	}
}

// handler is a running handler, with all that it has logged.
type handler struct {
	address string
	log     *testkit.Buffer
}

// start runs a program of this repository in the folder of its app.
func start(t *testing.T, program, app string, environment ...string) handler {
	t.Helper()
	// The address is logged at a level that may be off, so the port is chosen here.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := handler{free.Addr().String(), &testkit.Buffer{}}
	_ = free.Close()
	_, port, _ := net.SplitHostPort(h.address)
	command := exec.CommandContext(t.Context(), testkit.Program(t, program))
	command.Dir = app
	command.Env = append(append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT="+port), environment...)
	command.Stdout, command.Stderr = h.log, h.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	testkit.WaitUntil(t, "the handler listens", func() bool {
		connection, err := net.Dial("tcp", h.address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
	return h
}

// complete calls a function, and returns its completion line.
func (h handler) complete(t *testing.T, function string, data map[string]any) (line string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"Data": data, "Metadata": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.log.String())
	response, err := http.Post("http://"+h.address+"/"+function, "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	testkit.WaitUntil(t, "the completion line", func() bool {
		line = h.log.String()[before:]
		return strings.HasSuffix(line, "\n") && strings.Contains(line, `"message":"invocation`)
	})
	return line
}
