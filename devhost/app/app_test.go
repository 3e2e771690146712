package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp-functions/devhost/app"
)

const repository = "../.."

func TestOurOwnApp(t *testing.T) {
	a, err := app.Open(repository)
	if err != nil {
		t.Fatal(err)
	}
	want := app.Host{
		FunctionTimeout: 5 * time.Minute,
		Handler: app.Handler{
			Executable: "bin/handler", WorkingDirectory: ".", WorkerDirectory: ".", StderrIsError: true, StartTimeout: 30 * time.Second,
		},
	}
	if diff := cmp.Diff(want, a.Host); diff != "" {
		t.Error(diff)
	}
	settings := app.Settings{
		"FUNCTIONS_WORKER_RUNTIME": "custom", "AzureWebJobsStorage": "UseDevelopmentStorage=true", "ConversationStorage": "UseDevelopmentStorage=true",
	}
	if diff := cmp.Diff(settings, a.Settings); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, f := range a.Functions {
		got = append(got, f.Name+" "+f.Trigger.Name)
		for _, output := range f.Outputs {
			got = append(got, output.Name+" "+output.Type+output.Text("queueName")+output.Text("TABLENAME")+" "+output.Text("connection"))
		}
		if !f.Trigger.Many {
			t.Errorf("%s takes one event at a time", f.Name)
		}
	}
	functions := []string{
		"AdvancedMessageTrigger eventGridEvents", "inboundMessages queueinbound-messages ConversationStorage",
		"messages tableMessages ConversationStorage", "rejectedEvents blob ConversationStorage",
		"StatusTrigger eventGridEvents", "messageStatus tableMessageStatus ConversationStorage",
		"failedMessages queuefailed-messages ConversationStorage", "rejectedEvents blob ConversationStorage",
	}
	if diff := cmp.Diff(functions, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := a.Function("statustrigger"); ok {
		t.Error("a function goes by a name in another case")
	}
}

const (
	goodHost     = `{"version":"2.0","extensionBundle":{"id":"b"},"customHandler":{"description":{"defaultExecutablePath":"h"}}}`
	goodFunction = `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"e"},{"type":"queue","direction":"out","name":"q","queueName":"q"}]}`
)

// folder makes an app folder of files; a file without text is left out.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	all := map[string]string{"host.json": goodHost, "F/function.json": goodFunction}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		if text == "" {
			continue
		}
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestHostOptions(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{"host.json": `// ours
		{"version":"2.0","functionTimeout":"-1","extensionBundle":{"id":"b"},"extensions":{"queues":{"messageEncoding":"None"}},
		 "customHandler":{"initializationTimeout":"00:01:30","port":7000,"description":{"defaultExecutablePath":"h","arguments":"[\"a\",\"b\"]",
		 "DefaultWorkerPath":"w","workerArguments":["c"],"workingDirectory":"d","workerDirectory":"e","useStdErrorStreamForErrorsOnly":"False"}}}`}))
	if err != nil {
		t.Fatal(err)
	}
	want := app.Host{
		FunctionTimeout: -1, QueueText: true,
		Handler: app.Handler{
			Executable: "h", Arguments: []string{"a", "b"}, WorkerPath: "w", WorkerArguments: []string{"c"}, WorkingDirectory: "d",
			WorkerDirectory: "e", StartTimeout: 90 * time.Second, Port: 7000,
		},
	}
	if diff := cmp.Diff(want, a.Host); diff != "" {
		t.Error(diff)
	}
	old, err := app.Open(folder(t, map[string]string{"host.json": strings.Replace(goodHost, "customHandler", "httpWorker", 1)}))
	if err != nil || old.Host.Handler.Executable != "h" || old.Host.FunctionTimeout != 30*time.Minute {
		t.Errorf("%+v, %v", old, err)
	}
}

func TestSettings(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{"local.settings.json": `{"Values":{"A":"a","N":7,"Nothing":null,"Empty":""},
		"ConnectionStrings":{"One":"s1","Two":{"ConnectionString":"s2","ProviderName":"p"}}}`}))
	if err != nil {
		t.Fatal(err)
	}
	want := app.Settings{"A": "a", "N": "7", "Empty": "", "ConnectionStrings:One": "s1", "ConnectionStrings:Two": "s2"}
	if diff := cmp.Diff(want, a.Settings); diff != "" {
		t.Error(diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	trigger := `{"type":"eventGridTrigger","direction":"in","name":"e"}`
	bindings := func(all ...string) string { return `{"bindings":[` + strings.Join(all, ",") + `]}` }
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no host.json":              {map[string]string{"host.json": ""}, "ROOT is not the folder of a Functions app: it has no host.json"},
		"host.json cut short":       {map[string]string{"host.json": "{\n\"version\":"}, "host.json: line 2: unexpected end, expected a value"},
		"host.json an array":        {map[string]string{"host.json": "[]"}, "host.json: it must hold one object"},
		"no handler":                {map[string]string{"host.json": `{"version":"2.0","extensionBundle":{"id":"b"}}`}, "host.json: customHandler.description is missing: it says which program to start"},
		"no program":                {map[string]string{"host.json": strings.Replace(goodHost, `"h"`, `""`, 1)}, "host.json: customHandler.description.defaultExecutablePath is missing: it says which program to start"},
		"an old version, no bundle": {map[string]string{"host.json": `{"customHandler":{"description":{"defaultExecutablePath":"h"}}}`}, "host.json: version must be \"2.0\"\nhost.json: extensionBundle.id is missing: without it there are no bindings but HTTP and timers"},
		"a time that is none":       {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"functionTimeout":"5m",`, 1)}, `host.json: functionTimeout must be a time such as "00:05:00"`},
		"a time of too many hours":  {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"functionTimeout":"24:00:00",`, 1)}, `host.json: functionTimeout must be a time such as "00:05:00"`},
		"a port that is none":       {map[string]string{"host.json": strings.Replace(goodHost, `"customHandler":{`, `"customHandler":{"port":0,`, 1)}, "host.json: customHandler.port must be a port, a number from 1 to 65535"},
		"a profile without events":  {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"configurationProfile":"mcp-custom-handler",`, 1)}, `host.json: configurationProfile is "mcp-custom-handler": with it the host takes no function.json, and so no events`},
		"a section that is none":    {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"extensions":7,`, 1)}, "host.json: extensions must be an object"},
		"settings cut short":        {map[string]string{"local.settings.json": `{"Values":{`}, "local.settings.json: line 1: unexpected end, expected a field's name"},
		"settings encrypted":        {map[string]string{"local.settings.json": `{"IsEncrypted":true}`}, "local.settings.json: IsEncrypted is true: only func can read it; run func settings decrypt"},
		"no function":               {map[string]string{"F/function.json": ""}, "ROOT has no function: no folder with a function.json; the host would never start the handler"},
		"a function cut short":      {map[string]string{"F/function.json": `{"bindings":[`}, "F/function.json: line 1: unexpected end, expected a value"},
		"no bindings":               {map[string]string{"F/function.json": `{}`}, "F/function.json: bindings must be an array with a trigger in it"},
		"no trigger":                {map[string]string{"F/function.json": bindings(`{"type":"queue","direction":"out","name":"q"}`)}, "F/function.json: bindings has no trigger"},
		"two triggers":              {map[string]string{"F/function.json": bindings(trigger, trigger)}, "F/function.json: bindings[1].type is a second trigger"},
		"another trigger":           {map[string]string{"F/function.json": bindings(`{"type":"timerTrigger","direction":"in","name":"t"}`)}, `F/function.json: bindings[0].type is "timerTrigger": devhost knows the eventGridTrigger only`},
		"an input":                  {map[string]string{"F/function.json": bindings(trigger, `{"type":"blob","direction":"in","name":"b"}`)}, `F/function.json: bindings[1].direction is "in": devhost knows no input bindings; write "out" if b is an output`},
		"an unknown output":         {map[string]string{"F/function.json": bindings(trigger, `{"type":"fax","direction":"out","name":"f"}`)}, `F/function.json: bindings[1].type is "fax": devhost knows queue, table, blob, serviceBus, eventHub, eventGrid and cosmosDB`},
		"an unknown direction":      {map[string]string{"F/function.json": bindings(trigger, `{"type":"queue","direction":"up","name":"q"}`)}, `F/function.json: bindings[1].direction is "up": write "in" or "out"`},
		"a name with a hyphen":      {map[string]string{"F/function.json": bindings(trigger, `{"type":"queue","direction":"out","name":"q-1"}`)}, `F/function.json: bindings[1].name is "q-1": it must be letters and digits`},
		"a folder no function has":  {map[string]string{"1st/function.json": goodFunction}, `1st/function.json: its folder's name, "1st", is none that a function may have`},
	} {
		t.Run(name, func(t *testing.T) {
			root := folder(t, test.files)
			_, err := app.Open(root)
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), root, "ROOT"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{
		"host.json": strings.Replace(goodHost, "{", `{"httpWorker":{},"retry":{"strategy":"exponentialBackoff","maxRetryCount":-1,"minimumInterval":"00:00:01","maximumInterval":"00:00:05"},`, 1),
		"F/function.json": `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"e"},{"type":"queue","direction":"out","name":"q","quename":"q"},
			{"type":"blob","direction":"out","name":"b","path":"c/n.json"},{"type":"ServiceBus","direction":"out","name":"s","queueName":"q"}]}`,
		"Off/function.json":    strings.Replace(goodFunction, "{", `{"disabled":true,`, 1),
		"OffToo/function.json": goodFunction,
		"local.settings.json":  `{"Values":{"AzureWebJobs.OffToo.Disabled":"True"}}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"host.json: httpWorker is not read: customHandler goes first",
		"host.json: retry applies to events too, though the documentation denies it: a delivery is held until the last try, and Event Grid waits for 30 seconds only",
		"F/function.json: bindings[1].queueName is missing: every invocation that writes this output fails",
		"F/function.json: bindings[2].path has no expression such as {rand-guid}: every invocation writes over the blob of the one before",
		`F/function.json: bindings[3].type is "ServiceBus": devhost records what it would send, and sends nothing`,
		"Off/function.json: the function is disabled",
		"OffToo/function.json: the function is disabled",
	}
	if diff := cmp.Diff(want, a.Warnings); diff != "" {
		t.Error(diff)
	}
	if len(a.Functions) != 1 || a.Functions[0].Name != "F" {
		t.Errorf("%+v", a.Functions)
	}
	retry := *a.Host.Retry
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 5 * time.Second, 40: 5 * time.Second} {
		if got := retry.Delay(n); got != want {
			t.Errorf("retry %d comes after %s, want %s", n, got, want)
		}
	}
}

func TestTimeSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00:05:00": 5 * time.Minute, "00:05": 5 * time.Minute, "1.02:03:04.5": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
		"23:59:59.9999999": 24*time.Hour - 100*time.Nanosecond, "-1": -1,
	} {
		a, err := app.Open(folder(t, map[string]string{"host.json": strings.Replace(goodHost, "{", `{"functionTimeout":"`+text+`",`, 1)}))
		if err != nil || a.Host.FunctionTimeout != want {
			t.Errorf("%s: %v, %v", text, a, err)
		}
	}
}
