package main

import (
	"bytes"
	"encoding/json/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// published are the files of `make demo`.
func published(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "testdata/events/documented/*.json"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	return append(files, filepath.Join(repository, "testdata/events/eg_batch_mixed.json"))
}

func demonstrate(t *testing.T, folder string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"devhost", "demo", "--app", folder}, published(t)...), environ(), &out, &err)
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
			"\nqueue inbound-messages: 3 messages, one of them:\n", "\nqueue failed-messages: 2 messages, one of them:\n",
			"\ntable Messages: 3 rows, one of them:\n", "\ntable MessageStatus: 4 rows, one of them:\n",
			"\ncontainer rejected-events: 2 blobs, one of them:\n", `"kind": "image"`, "  FailureClass     recipient\n", `"reason": "unexpected-type"`,
		} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%q is not shown:\n%s", want, stdout)
			}
		}
		last := "\n8 events, delivered to functions 13 times: 7 written, 6 kept in rejected-events, 0 lost\n"
		if !strings.HasSuffix(stdout, last) {
			t.Errorf("the last line is %s", stdout[strings.LastIndex(strings.TrimSpace(stdout), "\n"):])
		}
	}
}

// Without any one of its bindings the app loses events, or does not start; the
// demo notices.
func TestDemoMissesABinding(t *testing.T) {
	for _, test := range []struct{ function, binding, want string }{
		{"AdvancedMessageTrigger", "inboundMessages", "is not in inbound-messages"},
		{"AdvancedMessageTrigger", "messages", "is not in Messages"},
		{"AdvancedMessageTrigger", "rejectedEvents", "no output 'rejectedEvents'"},
		{"StatusTrigger", "messageStatus", "is not in MessageStatus"},
		{"StatusTrigger", "failedMessages", "is not in failed-messages"},
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
		Bindings []map[string]string `json:"bindings"`
	}
	if err := json.Unmarshal([]byte(text), &function); err != nil {
		t.Fatal(err)
	}
	before := len(function.Bindings)
	function.Bindings = slices.DeleteFunc(function.Bindings, func(b map[string]string) bool { return b["name"] == name })
	if len(function.Bindings) != before-1 {
		t.Fatalf("there is no binding %s", name)
	}
	without, err := json.Marshal(function)
	if err != nil {
		t.Fatal(err)
	}
	return string(without)
}
