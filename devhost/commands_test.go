package main

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"whatsapp-functions/devhost/testcase"
	"whatsapp-functions/devhost/transcript"
)

// devhost runs a command that ends by itself.
func devhost(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"devhost"}, args...), environ(), &out, &err)
	return code, out.String(), err.String()
}

// expect runs a command that succeeds and says something.
func expect(t *testing.T, want string, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := devhost(t, args...)
	if code != 0 || stderr != "" || !strings.Contains(stdout, want) {
		t.Fatalf("devhost %q: exit code %d, without %q: %s\n%s", args, code, want, stderr, stdout)
	}
	return stdout
}

// background runs devhost run until the test ends. It returns the topic.
func background(t *testing.T, folder string, args ...string) (topic string, shown *output) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	shown = new(output)
	var stderr bytes.Buffer
	code := make(chan int, 1)
	args = append([]string{"devhost", "run", "--app", folder, "--address", "127.0.0.1:0"}, args...)
	go func() { code <- run(ctx, args, environ(), shown, &stderr) }()
	t.Cleanup(func() {
		stop()
		if code := <-code; code != 0 || stderr.Len() > 0 {
			t.Errorf("exit code %d: %s", code, &stderr)
		}
	})
	waitFor(t, shown, "outputs --app")
	found := regexp.MustCompile(`Topic +(http://\S+/events)\n`).FindStringSubmatch(shown.String())
	if found == nil {
		t.Fatalf("no topic:\n%s", shown)
	}
	return found[1], shown
}

// What devhost run prints is enough to try it.
func TestRunAndWhatItPrints(t *testing.T) {
	folder := appFolder(t, nil)
	topic, shown := background(t, folder)
	for _, want := range []string{
		"devhost runs " + folder + " at http://127.0.0.1:", "  AdvancedMessageTrigger\n", "inboundMessages  → queue inbound-messages\n",
		"messages         → table Messages\n", "rejectedEvents   → blob rejected-events/StatusTrigger/{DateTime:yyyy-MM-dd}/{rand-guid}.json\n",
		"\n  bin/devhost send --text Hello --topic '" + topic + "'\n", "\n  bin/devhost outputs --app '" + folder + "'\n",
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
	expect(t, "nothing is written yet", "outputs", "--app", folder)
	expect(t, "no invocation yet", "replay", "--app", folder)
	expect(t, "published Microsoft.Communication.AdvancedMessageReceived, event ", "send", "--text", "Hello", "--topic", topic)
	waitFor(t, shown, `outputs=["queue inbound-messages +1","table Messages +1"]`)
	expect(t, "queue inbound-messages: 1 message\n", "outputs", "--app", folder)
	expect(t, `"text": "Hello"`, "outputs", "--app", folder, "inbound-messages")
	expect(t, "  AdvancedMessageTrigger  ok\n", "replay", "--app", folder)
}

// Every kind of event that can be sent arrives.
func TestSend(t *testing.T) {
	folder := appFolder(t, nil)
	topic, shown := background(t, folder)
	for kind, args := range map[string][]string{
		`kinds={"text":1}`:             {"--text", "Hello", "--from", "4915112345678", "--reply-to", "m1", "--schema", "cloudevents"},
		`kinds={"image":1}`:            {"--image", "--text", "a caption", "--mime-type", "image/png"},
		`kinds={"video":1}`:            {"--video"},
		`kinds={"audio":1}`:            {"--audio"},
		`kinds={"document":1}`:         {"--document", "--file-name", "a.pdf"},
		`kinds={"sticker":1}`:          {"--sticker", "--animated"},
		`kinds={"button":1}`:           {"--button", "Unsubscribe", "--payload", "OUT", "--bsuid", "US.123"},
		`kinds={"interactive":1}`:      {"--reply-button", "yes=Yes"},
		`kinds={"reaction":1}`:         {"--react", "👍", "--on", "m1"},
		`statuses={"sent":1}`:          {"--status", "sent", "--message-id", "m9"},
		`failures={"recipient":1}`:     {"--status", "failed"},
		`failures={"window-closed":1}`: {"--status", "failed", "--code", "131047"},
		`kinds={"image":1,"text":1}`:   {filepath.Join(repository, "testdata/events/eg_batch_mixed.json")},
	} {
		expect(t, "published Microsoft.Communication.AdvancedMessage", append([]string{"send", "--topic", topic}, args...)...)
		waitFor(t, shown, kind)
	}
	expect(t, "", "send", "--topic", topic, "--unreact", "--on", "m1")
	expect(t, "", "send", "--topic", topic, "--list-item", "no=No")
	waitFor(t, shown, "Event Grid drops event")
	waitUntil(t, "all is delivered", func() bool { return pending(t, filepath.Join(folder, ".devhost")) == 0 })
	whole := expect(t, "", "outputs", "--app", folder, "inbound-messages", "MessageStatus")
	for _, want := range []string{
		`"phone": "4915112345678"`, `"replyTo": {`, `"mimeType": "image/png"`, `"caption": "a caption"`, `"fileName": "a.pdf"`, `"animated": true`,
		`"bsuid": "US.123"`, `"payload": "OUT"`, `"optOut": true`, `"emoji": "👍"`, `"removed": true`, `"kind": "list"`, `"PartitionKey": "m9"`,
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("%s is not written", want)
		}
	}
	var contents struct {
		Queues []struct {
			Name     string
			Messages []struct{ Text string }
		}
	}
	if err := json.Unmarshal([]byte(expect(t, "", "outputs", "--app", folder, "--json")), &contents, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	if len(contents.Queues) != 2 || len(contents.Queues[1].Messages) != 13 || !strings.HasPrefix(contents.Queues[1].Messages[0].Text, `{"specversion"`) {
		t.Errorf("%.1000v", contents)
	}
}

func TestCommandsThatFail(t *testing.T) {
	folder, nobody := appFolder(t, nil), "http://127.0.0.1:1/events"
	topic, _ := background(t, appFolder(t, nil))
	host := filepath.Join(repository, "host.json")
	for want, args := range map[string][]string{
		"nothing listens at " + nobody: {"send", "--text", "x", "--topic", nobody},
		"say what to send: --text, --image, --status failed, a file, ... (devhost send --help)": {"send"},
		`status "gone": it is one of sent, delivered, read, failed`:                             {"send", "--status", "gone"},
		"--schema avro: write eventgrid or cloudevents":                                         {"send", "--text", "x", "--schema", "avro"},
		"--reply-button and --list-item take id=title":                                          {"send", "--reply-button", "yes"},
		"a reaction needs the id of the message that it is on":                                  {"send", "--react", "x"},
		"open nothing.json: no such file or directory":                                          {"send", "nothing.json"},
		host + ": " + topic + " answered 400 Bad Request: event 0: it has neither an eventType (Event Grid schema) nor a specversion (CloudEvents)": {"send", "--topic", topic, host},
		"there is no queue, table or container none":                                           {"outputs", "--app", folder, "none"},
		"--file-name does nothing without --document":                                          {"send", "--image", "--file-name", "a"},
		"--payload does nothing without --button":                                              {"send", "--text", "x", "--payload", "a"},
		"--on does nothing without --react or --unreact":                                       {"send", "--text", "x", "--on", "m"},
		"--code does nothing without --status":                                                 {"send", "--text", "x", "--code", "1"},
		"--time-scale 0: write a number above 0":                                               {"run", "--app", folder, "--time-scale", "0"},
		"--time-scale +Inf: write a number above 0":                                            {"run", "--app", folder, "--time-scale", "Inf"},
		"ab: there is no transcript of this invocation in " + folder + "/.devhost/invocations": {"replay", "--app", folder, "ab"},
		host + " is no test case":                                                              {"replay", "--app", folder, host},
	} {
		code, stdout, stderr := devhost(t, args...)
		if code != 1 || !strings.HasPrefix(stderr, "devhost: "+want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("devhost %q: exit code %d\ngot  %s\nwant %s\n%s", args, code, stderr, want, stdout)
		}
	}
}

func TestSendThatOnlyPrints(t *testing.T) {
	stdout := expect(t, "", "send", "--text", "Hello", "--print", "--topic", "http://127.0.0.1:1/")
	var events []struct {
		Data struct{ Content string }
	}
	if err := json.Unmarshal([]byte(stdout), &events, json.MatchCaseInsensitiveNames(true)); err != nil || len(events) != 1 || events[0].Data.Content != "Hello" {
		t.Errorf("%s %v", stdout, err)
	}
}

// An invocation replayed comes out the same, unless the app has changed; made
// into a test case it tells no identity.
func TestReplay(t *testing.T) {
	folder := appFolder(t, nil)
	topic, shown := background(t, folder)
	expect(t, "", "send", "--topic", topic, "--text", "Stop calling +4915112345678", "--from", "4915112345678")
	waitFor(t, shown, `outputs=["queue inbound-messages +1","table Messages +1"]`)
	id := expect(t, "AdvancedMessageTrigger  ok", "replay", "--app", folder)[:8]
	expect(t, "the outputs are the same\n", "replay", "--app", folder, id)

	t.Setenv("HANDLER_OPT_OUT_WORDS", "Stop calling +4915112345678")
	code, stdout, stderr := devhost(t, "replay", "--app", folder, id)
	want := "inboundMessages[0].data.optOut: absent, now true\nmessages[0].OptOut: absent, now true\n"
	if code != 1 || !strings.HasSuffix(stdout, want) || stderr != "devhost: the outputs differ\n" {
		t.Errorf("exit code %d: %s\n%s", code, stderr, stdout)
	}
	t.Setenv("HANDLER_OPT_OUT_WORDS", "")

	file := filepath.Join(folder, "testdata/cases/mine.json")
	expect(t, file+" holds the test case", "replay", "--app", folder, "--update", "--name", "mine", id)
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), "49151") || !strings.Contains(string(text), `"Phone": "14255550001"`) {
		t.Errorf("%s %v", text, err)
	}
	expect(t, "the outputs are the same\n", "replay", "--app", folder, file)
	expect(t, "holds the test case", "replay", "--app", folder, "--update", file)
	if again, err := os.ReadFile(file); err != nil || string(again) != string(text) {
		t.Errorf("brought up to date it is another: %s %v", again, err)
	}
}

// Of what went to an account in Azure no test case is made.
func TestReplayOfRealEvents(t *testing.T) {
	folder := appFolder(t, nil)
	transcripts, err := transcript.Open(filepath.Join(folder, ".devhost/invocations"))
	if err != nil {
		t.Fatal(err)
	}
	must(t, transcripts.Save(transcript.Transcript{ID: "aaaaaaaa-1", Function: "AdvancedMessageTrigger", Events: []byte("[]")}))
	code, _, stderr := devhost(t, "replay", "--app", folder, "--update", "aaaaaaaa")
	want := "devhost: the outputs of aaaaaaaa went to an account that is not on this machine: its events are those of real people, and no test case is made of them\n"
	if code != 1 || stderr != want {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(folder, "testdata")); err == nil {
		t.Error("there is a test case")
	}
}

// Every test case comes out as it is written.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository, testcase.Folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	runner, err := testcase.Start(t.Context(), appFolder(t, nil), environ(), newLog(new(output)))
	if err != nil {
		t.Fatal(err)
	}
	defer runner.Stop()
	for _, file := range files {
		c, err := testcase.Read(file)
		if err != nil {
			t.Error(err)
			continue
		}
		now, err := runner.Run(t.Context(), c.Function, c.Events)
		if err != nil {
			t.Errorf("%s: %s", file, err)
		}
		for _, difference := range c.Diff(now) {
			t.Errorf("%s: %s", file, difference)
		}
	}
}
