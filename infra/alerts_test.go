package infra

import (
	"encoding/json/v2"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
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

// check runs the alerts' queries on the rows of each case.
func check(t *testing.T, cases map[string]alertCase) {
	t.Helper()
	alerts := map[string]logAlert{}
	for _, alert := range readProject(t, repository).logAlerts(t) {
		alerts[alert.name] = alert
	}
	var names []string
	var runs []queryRun
	for name, test := range cases {
		names = append(names, name)
		runs = append(runs, queryRun{alerts[test.alert].query, test.now.Format(time.RFC3339), test.tables})
	}
	for i, result := range runQueries(t, runs...) {
		test := cases[names[i]]
		var got []string
		for _, row := range result.Rows {
			if total, _ := row["total"].(float64); total > 0 {
				got = append(got, fmt.Sprint(row[alerts[test.alert].dimension]))
			}
		}
		if len(result.Errors) > 0 || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %s is raised for %v, want %v; errors: %q", names[i], test.alert, got, test.want, result.Errors)
		}
	}
}

// A line is found if host.json keeps its level and the query reads its fields. The
// handler writes such lines at every log level.
func TestAlertsFindWhatTheHandlerLogs(t *testing.T) {
	if runtime.GOOS == "windows" {
		testkit.Skip(t, "the handler is built for Linux; its lines do not depend on the system")
	}
	handler := startHandler(t, "HANDLER_LOG_LEVEL=error")
	traces := func(event string) map[string][]row {
		line := handler.complete(t, filepath.Join(repository, "testdata/events", event))
		if !strings.Contains(line, `"level":"warn"`) {
			t.Errorf("host.json drops the line: %s", line)
		}
		return map[string][]row{"traces": {{"message": line, "customDimensions": row{"Category": "Host.Function.Console"}, "itemCount": 1}}}
	}
	check(t, map[string]alertCase{
		"a failed message":               {alert: "message-failures", tables: traces("eg_status_failed_131047.json"), want: []string{"window-closed"}},
		"an event at the wrong function": {alert: "rejected", tables: traces("eg_received_text.json"), want: []string{"unexpected-type"}},
		"a failed message, not rejected": {alert: "rejected", tables: traces("eg_status_failed_131047.json")},
	})
}

func TestAlertsFindFailedRequests(t *testing.T) {
	request := func(name, code, success string, count int) row {
		return row{"name": name, "resultCode": code, "success": success, "itemCount": count}
	}
	check(t, map[string]alertCase{
		"a failed invocation":   {alert: "function-failures", tables: map[string][]row{"requests": {request("StatusTrigger", "500", "False", 1), request("StatusTrigger", "202", "True", 9)}}, want: []string{"StatusTrigger"}},
		"no failed invocation":  {alert: "function-failures", tables: map[string][]row{"requests": {request("StatusTrigger", "202", "True", 9)}}},
		"every event refused":   {alert: "webhook-refused", tables: map[string][]row{"requests": {request("WebhookTrigger", "401", "False", 3)}}, want: []string{"401"}},
		"one of ten refused":    {alert: "webhook-refused", tables: map[string][]row{"requests": {request("WebhookTrigger", "401", "True", 100), request("WebhookTrigger", "200", "True", 900)}}, want: []string{"401"}},
		"no secrets":            {alert: "webhook-refused", tables: map[string][]row{"requests": {request("WebhookTrigger", "503", "False", 5)}}, want: []string{"503"}},
		"a scanner":             {alert: "webhook-refused", tables: map[string][]row{"requests": {request("WebhookTrigger", "401", "True", 50), request("WebhookTrigger", "200", "True", 5000)}}},
		"two unsigned requests": {alert: "webhook-refused", tables: map[string][]row{"requests": {request("WebhookTrigger", "401", "True", 2)}}},
		"keys of Event Grid":    {alert: "webhook-refused", tables: map[string][]row{"requests": {request("StatusTrigger", "401", "False", 9)}}},
		"no requests":           {alert: "webhook-refused", tables: map[string][]row{"requests": {}}},
	})
}

// A consumer that died is noticed within the hour, at ten messages a day.
func TestAlertsFindStoppedConsumers(t *testing.T) {
	start := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	operation := func(after time.Duration, name, queue string) row {
		return row{"TimeGenerated": start.Add(after).Format(time.RFC3339), "OperationName": name, "StatusText": "Success", "Uri": "https://chat.queue.core.windows.net/" + queue + "/messages"}
	}
	logs := func(rows ...row) map[string][]row { return map[string][]row{"StorageQueueLogs": rows} }
	put := operation(0, "PutMessage", "inbound-messages")
	refused := operation(time.Second, "DeleteMessage", "inbound-messages")
	refused["StatusText"] = "MessageNotFound"
	cases := map[string]alertCase{
		"the last evaluation within the hour": {"consumer-stopped", logs(put), start.Add(45 * time.Minute), []string{"inbound-messages"}},
		"a message that came just now":        {"consumer-stopped", logs(put), start.Add(10 * time.Minute), nil},
		"a message that was handled":          {"consumer-stopped", logs(put, operation(time.Second, "DeleteMessage", "inbound-messages")), start.Add(45 * time.Minute), nil},
		"a deletion that failed":              {"consumer-stopped", logs(put, refused), start.Add(45 * time.Minute), []string{"inbound-messages"}},
		"another queue's consumer":            {"consumer-stopped", logs(put, operation(time.Second, "DeleteMessage", "failed-messages")), start.Add(45 * time.Minute), []string{"inbound-messages"}},
		"a queue without a consumer":          {"consumer-stopped", logs(operation(0, "PutMessage", "status-updates")), start.Add(45 * time.Minute), nil},
		"no messages":                         {"consumer-stopped", logs(), start, nil},
		"a message in a poison queue":         {"poison", logs(operation(0, "PutMessage", "inbound-messages-poison")), start, []string{"inbound-messages-poison"}},
		"a message in a queue":                {"poison", logs(put), start, nil},
		"a message out of a poison queue":     {"poison", logs(operation(0, "DeleteMessage", "inbound-messages-poison")), start, nil},
	}
	check(t, cases)
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

func startHandler(t *testing.T, environment ...string) handler {
	t.Helper()
	// The address is logged at a level that may be off, so the port is chosen here.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := handler{free.Addr().String(), &testkit.Buffer{}}
	_ = free.Close()
	_, port, _ := net.SplitHostPort(h.address)
	command := exec.CommandContext(t.Context(), testkit.Program(t, "handler"))
	command.Dir = testkit.AppFolder(t)
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

// complete calls StatusTrigger with events, and returns its completion line.
func (h handler) complete(t *testing.T, file string) (line string) {
	t.Helper()
	events, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"Data": map[string]string{"eventGridEvents": string(events)}, "Metadata": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.log.String())
	response, err := http.Post("http://"+h.address+"/StatusTrigger", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	testkit.WaitUntil(t, "the completion line", func() bool {
		line = h.log.String()[before:]
		return strings.HasSuffix(line, "\n") && strings.Contains(line, `"message":"invocation"`)
	})
	return line
}
