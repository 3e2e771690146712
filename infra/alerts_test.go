package infra

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// An alert on log lines is raised only if host.json keeps the line and the line
// has the fields that the query reads.
func TestAlertsReadWhatTheHandlerLogs(t *testing.T) {
	if runtime.GOOS == "windows" {
		testkit.Skip(t, "the handler is built for Linux; its lines do not depend on the system")
	}
	fields := alertFields(t)
	handler := startHandler(t)
	for _, test := range []struct {
		name, alert, events string
	}{
		{"a failed message", "message-failures", "eg_status_failed_131047.json"},
		{"an event at the wrong function", "rejected", "eg_received_text.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line := handler.complete(t, filepath.Join(repository, "testdata/events", test.events))
			if string(line["level"]) != `"warn"` {
				t.Errorf("the level is %s, so host.json drops the line", line["level"])
			}
			for _, field := range fields[test.alert] {
				if line[field] == nil {
					t.Errorf("the alert %s reads the field %s, which the line lacks: %v", test.alert, field, line)
				}
				var counts map[string]int
				if line[field].Kind() == '{' && (json.Unmarshal(line[field], &counts) != nil || len(counts) == 0) {
					t.Errorf("the alert %s adds up the field %s, which holds no counts: %s", test.alert, field, line[field])
				}
			}
			delete(fields, test.alert)
		})
	}
	if len(fields) != 0 {
		t.Errorf("alerts without a line that they find: %v", fields)
	}
}

// alertFields returns the fields of a line that each alert reads.
func alertFields(t *testing.T) map[string][]string {
	t.Helper()
	file := readProject(t, repository).bicep[alertsFile]
	completions, _ := file.find("completions").Value.(string)
	if !strings.Contains(completions, `Category) == "Host.Function.Console"`) {
		t.Errorf("completions reads another category: %s", completions)
	}
	fields := map[string][]string{}
	alerts, _ := file.find("logAlerts").Value.([]any)
	for _, alert := range alerts {
		name, query := source(at(alert, "name")), source(at(alert, "query"))
		if !strings.Contains(query, "${completions}") {
			continue // it reads requests
		}
		for _, field := range regexp.MustCompile(`line\.(\w+)`).FindAllStringSubmatch(completions+query, -1) {
			fields[strings.Trim(name, "'")] = append(fields[strings.Trim(name, "'")], field[1])
		}
	}
	if len(fields) == 0 {
		t.Fatalf("no alert reads completion lines: %v", alerts)
	}
	return fields
}

// handler is a running handler, with all that it has logged.
type handler struct {
	address string
	log     *testkit.Buffer
}

func startHandler(t *testing.T) handler {
	t.Helper()
	h := handler{log: &testkit.Buffer{}}
	command := exec.CommandContext(t.Context(), testkit.Program(t, "handler"))
	command.Dir = testkit.AppFolder(t)
	command.Env = append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0")
	command.Stdout, command.Stderr = h.log, h.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	h.log.WaitFor(t, `"address"`)
	testkit.WaitUntil(t, "a line with the address", func() bool {
		for _, line := range h.lines(t) {
			_ = json.Unmarshal(line["address"], &h.address)
		}
		return h.address != ""
	})
	return h
}

// lines returns the whole lines of the log.
func (h handler) lines(t *testing.T) (lines []map[string]jsontext.Value) {
	t.Helper()
	for text := range strings.Lines(h.log.String()) {
		if !strings.HasSuffix(text, "\n") {
			break
		}
		var line map[string]jsontext.Value
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		lines = append(lines, line)
	}
	return lines
}

// complete calls StatusTrigger with events, and returns its completion line.
func (h handler) complete(t *testing.T, file string) (line map[string]jsontext.Value) {
	t.Helper()
	events, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"Data": map[string]string{"eventGridEvents": string(events)}, "Metadata": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.lines(t))
	response, err := http.Post("http://"+h.address+"/StatusTrigger", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	testkit.WaitUntil(t, "the completion line", func() bool {
		lines := h.lines(t)
		line = lines[len(lines)-1]
		return len(lines) > before && string(line["message"]) == `"invocation"`
	})
	return line
}
