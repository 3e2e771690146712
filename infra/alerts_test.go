package infra

import (
	"bufio"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// Alerts read the lines that the handler really writes. An alert on a member
// that no line has would never be raised.
func TestAlertsReadWhatTheHandlerLogs(t *testing.T) {
	if runtime.GOOS == "windows" {
		testkit.Skip(t, "the handler's lines are the same there")
	}
	all := readTexts(t)
	binary := filepath.Join(t.TempDir(), "handler")
	if text, err := exec.Command("go", "build", "-o", binary, "../handler").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	handler := exec.CommandContext(t.Context(), binary)
	handler.Dir = repository
	handler.Env = append(os.Environ(), "FUNCTIONS_CUSTOMHANDLER_PORT=0")
	output, err := handler.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	handler.Stderr = handler.Stdout // where the line of a rejection goes
	if err := handler.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = handler.Process.Kill(); _ = handler.Wait() }()
	lines := bufio.NewScanner(output)
	next := func() map[string]jsontext.Value {
		var line map[string]jsontext.Value
		if !lines.Scan() {
			t.Fatal("the handler says no more: ", lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		return line
	}
	var address string
	if err := json.Unmarshal(next()["address"], &address); err != nil {
		t.Fatal(err)
	}

	// A failed message, and an event that is at the wrong function.
	var members []string
	for _, sample := range []string{"eg_status_failed_131047.json", "eg_received_text.json"} {
		events, err := os.ReadFile(filepath.Join(repository, "testdata/events", sample))
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"Data": map[string]string{"eventGridEvents": string(events)}, "Metadata": map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.Post("http://"+address+"/StatusTrigger", "application/json", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		line := next()
		if string(line["message"]) != `"invocation"` {
			t.Fatalf("a line says %s: alerts look for \"invocation\"", line["message"])
		}
		for name, value := range line {
			var counts map[string]int
			if value.Kind() == '{' {
				if err := json.Unmarshal(value, &counts); err != nil {
					t.Errorf("%s counts what is no number: %s", name, value)
				}
			}
			members = append(members, name)
		}
	}
	read := regexp.MustCompile(`line\.(\w+)`).FindAllStringSubmatch(all[alertsFile], -1)
	if len(read) < 5 {
		t.Errorf("alerts read %q", read)
	}
	for _, member := range read {
		if !slices.Contains(members, member[1]) {
			t.Errorf("%s reads %s, which no line has: they have %q", alertsFile, member[1], members)
		}
	}
}
