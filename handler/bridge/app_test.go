package bridge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// app makes an app folder with these function.json files, by function.
func app(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for function, text := range files {
		file := filepath.Join(root, function, "function.json")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var functions = []Function{fake("Receive", nil), fake("Status", nil)}

const (
	trigger  = `{"type":"eventGridTrigger","direction":"in","name":"events"}`
	rejected = `{"type":"blob","direction":"out","name":"rejectedEvents"}`
	rows     = `{"type":"table","direction":"out","name":"rows"}`
)

func bindings(all ...string) string {
	return `{"bindings":[` + strings.Join(all, ",") + `]}`
}

func TestOpen(t *testing.T) {
	root := app(t, map[string]string{
		"Receive": "\uFEFF" + bindings(rows, `{"type":"EventGridTrigger","direction":"IN","name":"e","cardinality":"many","dataType":"string"}`,
			`{"type":"ServiceBus","direction":"out","name":"messages"}`, rejected),
	})
	if err := os.MkdirAll(filepath.Join(root, "docs", "Status"), 0o700); err != nil {
		t.Fatal(err)
	}
	got, err := Open(root, functions)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Receive"}, got.Functions()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Status"}, got.Missing); diff != "" {
		t.Error(diff)
	}
	receive := got.functions["Receive"]
	if receive.trigger != "e" {
		t.Errorf("trigger %q", receive.trigger)
	}
	if diff := cmp.Diff([]string{"rows", "messages", "rejectedEvents"}, receive.outputs); diff != "" {
		t.Error(diff)
	}
}

// The host accepts comments and trailing commas in a function.json.
func TestOpenReadsWhatTheHostReads(t *testing.T) {
	for name, text := range map[string]string{
		"line comments":         strings.Replace(bindings(trigger, rows, rejected), `[`, "[ // all outputs of this function\n", 1) + "\n// the end",
		"block comments":        "/* the\n function */" + strings.ReplaceAll(bindings(trigger, rows, rejected), `,`, `/* , */,`),
		"trailing commas":       `{"bindings":[` + trigger + "," + rows + "," + strings.Replace(rejected, "}", ",}", 1) + ",],}",
		"names in another case": strings.NewReplacer(`"bindings"`, `"Bindings"`, `"name"`, `"Name"`, `"type"`, `"TYPE"`).Replace(bindings(trigger, rows, rejected)),
		"a disabled function":   strings.TrimSuffix(bindings(trigger, rows, rejected), "}") + `,"disabled":true}`,
	} {
		got, err := Open(app(t, map[string]string{"Receive": "\uFEFF" + text}), functions)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if f := got.functions["Receive"]; f.trigger != "events" || len(f.outputs) != 2 {
			t.Errorf("%s: trigger %q, outputs %q", name, f.trigger, f.outputs)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		bindings string
		want     []string
	}{
		"a misspelt output": {
			bindings(trigger, rejected, `{"type":"table","direction":"out","name":"Rows"}`),
			[]string{"output 'Rows': the function has no such output: it has 'messages', 'rows', 'some', 'rejectedEvents'"},
		},
		"a dataType on an output": {
			bindings(trigger, rows, `{"type":"blob","direction":"out","name":"rejectedEvents","dataType":"binary"}`),
			[]string{"output 'rejectedEvents' has dataType 'binary': remove it, because it changes what the host writes"},
		},
		"an output of the wrong type": {
			bindings(trigger, rejected, `{"type":"table","direction":"out","name":"messages"}`, `{"type":"queue","direction":"out","name":"rows"}`),
			[]string{"output 'messages' has type 'table': write queue, serviceBus, eventHub", "output 'rows' has type 'queue': write table"},
		},
		"an output twice": {
			bindings(trigger, rejected, rows, rows),
			[]string{"output 'rows' is bound twice"},
		},
		"the return value": {
			bindings(trigger, rejected, rows, `{"type":"blob","direction":"out","name":"$return"}`),
			[]string{"output '$return': the function has no such output: it has 'messages', 'rows', 'some', 'rejectedEvents'"},
		},
		"no rejectedEvents": {
			bindings(trigger, rows),
			[]string{"no output 'rejectedEvents': add a binding of type blob; without it events that can't be written would be lost"},
		},
		"nothing but rejectedEvents": {
			bindings(trigger, rejected),
			[]string{"no output takes all events, so some would be written nowhere: add one of 'messages', 'rows'"},
		},
		"nothing that takes every event": {
			bindings(trigger, rejected, `{"type":"queue","direction":"out","name":"some"}`),
			[]string{"no output takes all events, so some would be written nowhere: add one of 'messages', 'rows'"},
		},
		"a dataType in another case": {
			bindings(trigger, rejected, `{"type":"table","direction":"out","name":"rows","DataType":"String"}`),
			[]string{"output 'rows' has dataType 'String': remove it, because it changes what the host writes"},
		},
		"a dataType that is not a string": {
			bindings(trigger, rejected, `{"type":"table","direction":"out","name":"rows","dataType":["string"]}`),
			[]string{"output 'rows' has dataType '': remove it, because it changes what the host writes"},
		},
		"no trigger": {
			bindings(rejected, rows),
			[]string{"no trigger: add a binding of type eventGridTrigger, direction in"},
		},
		"two triggers": {
			bindings(trigger, trigger, rejected, rows),
			[]string{"binding 'events': the function already has the trigger 'events'"},
		},
		"another trigger": {
			bindings(`{"type":"httpTrigger","direction":"in","name":"r"}`, rejected, rows),
			[]string{"binding 'r' of type 'httpTrigger': the only input may be the eventGridTrigger"},
		},
		"another direction": {
			bindings(trigger, rejected, `{"type":"blob","direction":"inout","name":"b"}`),
			[]string{"binding 'b' has direction 'inout': write 'in' for the trigger, 'out' for an output"},
		},
		"no bindings": {
			`{}`,
			[]string{"no trigger: add a binding of type eventGridTrigger, direction in",
				"no output 'rejectedEvents': add a binding of type blob; without it events that can't be written would be lost",
				"no output takes all events, so some would be written nowhere: add one of 'messages', 'rows'"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(app(t, map[string]string{"Receive": test.bindings}), functions)
			var want []string
			for _, line := range test.want {
				want = append(want, "Receive/function.json: "+line)
			}
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOpenRefusesFolders(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no folder": {
			nil,
			"no folder with a function.json in ROOT: set FUNCTIONS_APP_ROOT_PATH to the app's folder",
		},
		"an unknown function": {
			map[string]string{"receive": bindings(trigger, rejected, rows)},
			"receive/function.json: the handler has no function of this name: it has 'Receive', 'Status'",
		},
		"a file that is not JSON": {
			map[string]string{"Receive": `{"bindings":`},
			"Receive/function.json: not JSON at byte 12",
		},
		"several mistakes": {
			map[string]string{"Receive": bindings(trigger, rows), "Other": `{}`},
			"Other/function.json: the handler has no function of this name: it has 'Receive', 'Status'\n" +
				"Receive/function.json: no output 'rejectedEvents': add a binding of type blob; without it events that can't be written would be lost",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := app(t, test.files)
			_, err := Open(root, functions)
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), root, "ROOT"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
