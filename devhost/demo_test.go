package main

import (
	"bytes"
	"encoding/json/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// expectations state where the app writes events.
var expectations = filepath.Join(repository, "testdata/demo.json")

// published are the files of `make demo`.
func published(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "testdata/events/documented/*.json"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for _, name := range []string{"text", "image", "delivered", "failed"} {
		files = append(files, filepath.Join(repository, "testdata/webhooks", name+".json"))
	}
	return append(files, filepath.Join(repository, "testdata/events/eg_batch_mixed.json"))
}

func demonstrate(t *testing.T, folder string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"devhost", "demo", "--app", folder, "--expect", expectations}, published(t)...), environ(), &out, &err)
	return code, out.String(), err.String()
}

func TestDemo(t *testing.T) {
	folder := appFolder(t, nil)
	for range 2 { // the second time on what the first left behind
		code, stdout, stderr := demonstrate(t, folder)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d: %s\n%s", code, stderr, stdout)
		}
		for _, want := range []string{
			"\nqueue inbound-messages: 5 messages, one of them:\n", "\nqueue failed-messages: 3 messages, one of them:\n",
			"\ntable Messages: 7 rows, one of them:\n", "\ntable MessageStatus: 6 rows, one of them:\n",
			"\ncontainer rejected-events: 1 blob, one of them:\n", `"kind": "image"`, "  FailureClass     recipient\n", `"reason": "unexpected-type"`,
			"On purpose, one event is rejected: Microsoft.Communication.AdvancedMessageAnalysisCompleted of ",
		} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%q is not shown:\n%s", want, stdout)
			}
		}
		last := "\nevents 12, delivered to functions 12 times: 11 written, 1 kept in rejected-events, 0 lost\n"
		if !strings.HasSuffix(stdout, last) {
			t.Errorf("the last line is %s", stdout[strings.LastIndex(strings.TrimSpace(stdout), "\n"):])
		}
	}
}

// Without any one of its bindings the app loses events, or does not start; the
// demo notices.
func TestDemoMissesABinding(t *testing.T) {
	for _, test := range []struct{ function, binding, want string }{
		{"AdvancedMessageTrigger", "inboundMessages", "at AdvancedMessageTrigger is not in queue inbound-messages"},
		{"AdvancedMessageTrigger", "messages", "at AdvancedMessageTrigger is not in table Messages"},
		{"AdvancedMessageTrigger", "rejectedEvents", "no output 'rejectedEvents'"},
		{"WebhookTrigger", "inboundMessages", "at WebhookTrigger is not in queue inbound-messages"},
		{"WebhookTrigger", "messages", "at WebhookTrigger is not in table Messages"},
		{"WebhookTrigger", "messageStatus", "no output takes all statuses"},
		{"WebhookTrigger", "failedMessages", "at WebhookTrigger is not in queue failed-messages"},
		{"WebhookTrigger", "rejectedEvents", "no output 'rejectedEvents'"},
		{"StatusTrigger", "messageStatus", "no output takes all statuses"},
		{"StatusTrigger", "failedMessages", "at StatusTrigger is not in queue failed-messages"},
		{"StatusTrigger", "rejectedEvents", "no output 'rejectedEvents'"},
	} {
		t.Run(test.function+" "+test.binding, func(t *testing.T) {
			folder := appFolder(t, func(file, text string) string {
				if filepath.Dir(file) != test.function {
					return text
				}
				return withoutBinding(t, text, test.binding)
			})
			code, stdout, stderr := demonstrate(t, folder)
			if code != 1 || !strings.Contains(stdout+stderr, test.want) {
				t.Errorf("exit code %d, without %q:\n%s\n%s", code, test.want, stdout, stderr)
			}
		})
	}
}

// withoutBinding takes one binding out of a function.json.
func withoutBinding(t *testing.T, text, name string) string {
	t.Helper()
	var function struct {
		Bindings []map[string]any `json:"bindings"`
	}
	if err := json.Unmarshal([]byte(text), &function); err != nil {
		t.Fatal(err)
	}
	before := len(function.Bindings)
	function.Bindings = slices.DeleteFunc(function.Bindings, func(b map[string]any) bool { return b["name"] == name })
	if len(function.Bindings) != before-1 {
		t.Fatalf("there is no binding %s", name)
	}
	without, err := json.Marshal(function)
	if err != nil {
		t.Fatal(err)
	}
	return string(without)
}

// tooDeep reports whether a sample is nested more than 64 levels deep. The host
// can't read such a delivery and answers 500.
func tooDeep(file string) bool { return filepath.Base(file) == "eg_received_nested_63.json" }

// All samples at once: none is lost, and none is reported as lost.
func TestDemoOfAllSamples(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.json", "raw/eg_*.json", "raw/ce_*.json", "documented/*.json"} {
		found, err := filepath.Glob(filepath.Join(repository, "testdata/events", pattern))
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	files = slices.DeleteFunc(files, tooDeep)
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"devhost", "demo", "--app", appFolder(t, nil), "--expect", expectations}, files...), environ(), &stdout, &stderr)
	if code != 0 || !strings.HasSuffix(stdout.String(), " 0 lost\n") {
		t.Errorf("exit code %d: %s%.3000s", code, &stderr, stdout.String()[strings.Index(stdout.String(), "LOST")+1:])
	}
	if want := "eg_batch_empty.json: no function subscribes to any of its events: Event Grid would drop them\n"; !strings.Contains(stdout.String(), want) {
		t.Errorf("it is not said: %s", want)
	}
}
