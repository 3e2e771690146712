package main

import (
	"encoding/json/jsontext"
	"errors"
	"os/exec"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"person": main})
}

// The scripts are sessions at a terminal. "exits 2 person" checks an exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				got := 0
				if failed, ok := errors.AsType[*exec.ExitError](ts.Exec(args[1], args[2:]...)); ok {
					got = failed.ExitCode()
				}
				if want, _ := strconv.Atoi(args[0]); got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
		},
	})
}

func TestEndpoints(t *testing.T) {
	for account, want := range map[string]string{
		"contoso": "https://contoso.table.core.windows.net/ https://contoso.queue.core.windows.net/ https://contoso.blob.core.windows.net/",
		"https://contoso.queue.core.chinacloudapi.cn/": "https://contoso.table.core.chinacloudapi.cn/ https://contoso.queue.core.chinacloudapi.cn/ https://contoso.blob.core.chinacloudapi.cn/",
		"http://contoso.blob.core.windows.net":         "",
		"https://127.0.0.1:10000":                      "",
		"https://contoso.blob.core.windows.net/?sv=1":  "",
		"https://contoso.blob.core.windows.net/media":  "",
		"https://user@contoso.blob.core.windows.net":   "",
		"contoso.blob": "",
	} {
		t.Run(account, func(t *testing.T) {
			tables, queues, blobs, err := endpoints(account)
			if got := tables + " " + queues + " " + blobs; err == nil && got != want || err != nil && (want != "" || !errors.Is(err, errUsage)) {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		})
	}
}

func TestMentioned(t *testing.T) {
	p := newPerson(nil)
	p.add(ada.phone)
	p.add(ada.bsuid)
	for text, want := range map[string]bool{
		ada.phone:                          true,
		`"+14255550123"`:                   true,
		`"\u002B14255550123"`:              true,
		"c|14255550123 and others":         true,
		"142555501234 then 14255550123":    true,
		"1425555012314255550123":           false,
		"142555501234":                     false,
		"914255550123":                     false,
		ada.bsuid + ".":                    true,
		ada.bsuid + "x":                    false,
		"":                                 false,
		"US.134912086553027419180 5550123": false,
	} {
		if got := p.mentioned(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// What is cut out of a blob changes nothing else of it.
func TestWithout(t *testing.T) {
	for name, test := range map[string]struct {
		content, want string
		readable      bool
	}{
		"an array":                 {`[ 1, {"x" : 2} ,"drop"]`, `[1,{"x" : 2}]`, true},
		"the first":                {"[\"drop\"\n,\n1\n]\n", "[1\n]\n", true},
		"nothing to drop":          {` [ 1 , 2 ] `, ` [ 1 , 2 ] `, true},
		"all":                      {`["drop","drop"]`, "", true},
		"an empty array":           {`[]`, `[]`, true},
		"a document":               {`{"a":[ "drop" ],"events":[1,"drop", 3],"b":{"events":["drop"]}}`, `{"a":[ "drop" ],"events":[1,3],"b":{"events":["drop"]}}`, true},
		"all of a document":        {`{"events":["drop"]}`, "", true},
		"a single event":           {`{"drop":true}`, "", true},
		"another event":            {`{"x":["drop"]}`, `{"x":["drop"]}`, true},
		"a byte order mark":        {"\ufeff[1,\"drop\"]", "\ufeff[1]", true},
		"lone surrogates":          {`["\ud800","drop"]`, `["\ud800"]`, true},
		"the same name twice":      {`[{"a":1,"a":2},"drop"]`, `[{"a":1,"a":2}]`, true},
		"cut off":                  {`["drop",`, "", false},
		"more after the end":       {`["drop"] x`, "", false},
		"a document that is cut":   {`{"events":["drop"]`, "", false},
		"neither object nor array": {`"drop"`, "", false},
		"nothing":                  {``, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := without([]byte(test.content), func(event jsontext.Value) bool { return string(event) == `"drop"` || string(event) == `{"drop":true}` })
			if (err == nil) != test.readable || err == nil && string(got) != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	for _, id := range []string{"wamid.HBgL/A==", "5796a670-482c-490e-8d97-82bfcdc83011", "-", "a~b|c\u0085"} {
		if diff := cmp.Diff(id, messageOf(partition(id))); diff != "" {
			t.Error(diff)
		}
	}
}

// The owner of an event is the person, and not one that it only mentions.
func TestReadEvent(t *testing.T) {
	for name, event := range map[string]string{
		"Meta":         ada.received("1"),
		"ACS":          ada.acsReceived("1"),
		"a status":     `{"id":"1","type":"Meta.WhatsApp.MessageStatusUpdated","source":"s","specversion":"1.0","data":{"metadata":{"phone_number_id":"1"},"status":{"id":"m","status":"read","recipient_id":"14255550123"}}}`,
		"a preference": `{"id":"1","type":"Meta.WhatsApp.UserPreferenceChanged","source":"s","specversion":"1.0","data":{"metadata":{"phone_number_id":"1"},"preference":{"wa_id":"14255550123","category":"marketing_messages","value":"stop"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			i := readEvent([]byte(event))
			if len(i.people) == 0 || i.people[0].Phone != ada.phone {
				t.Errorf("got %+v", i.people)
			}
		})
	}
	for _, event := range []string{"", "7", "{", `{"type":"T"}`, `{"type":"Microsoft.Communication.AdvancedMessageReceived","data":7}`} {
		if i := readEvent([]byte(event)); !i.isEmpty() {
			t.Errorf("%s: %+v", event, i)
		}
	}
}
