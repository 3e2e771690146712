package app_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/internal/testkit"
)

func TestTheShippedApp(t *testing.T) {
	a, err := app.Open(testkit.AppFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	want := app.Host{
		Queues:          queues(false),
		HTTP:            app.HTTP{RoutePrefix: "api", MaxOutstanding: -1},
		FunctionTimeout: 5 * time.Minute,
		Handler: app.Handler{
			Executable: "bin/handler", WorkingDirectory: ".", WorkerDirectory: ".", StderrIsError: true, StartTimeout: 30 * time.Second,
		},
	}
	if diff := cmp.Diff(want, a.Host, cmpopts.IgnoreUnexported(app.Host{})); diff != "" {
		t.Error(diff)
	}
	settings := app.Settings{
		"FUNCTIONS_WORKER_RUNTIME": "custom", "AzureWebJobsStorage": "UseDevelopmentStorage=true", "ConversationStorage": "UseDevelopmentStorage=true",
		"META_APP_SECRETS": "local-app-secret", "META_VERIFY_TOKEN": "local-verify-token",
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
		if f.Trigger.Many != (f.Route == nil) {
			t.Errorf("%s: many events an invocation: %v", f.Name, f.Trigger.Many)
		}
	}
	functions := []string{
		"AdvancedMessageTrigger eventGridEvents", "inboundMessages queueinbound-messages ConversationStorage",
		"messages tableMessages ConversationStorage", "rejectedEvents blob ConversationStorage",
		"StatusTrigger eventGridEvents", "messageStatus tableMessageStatus ConversationStorage",
		"failedMessages queuefailed-messages ConversationStorage", "rejectedEvents blob ConversationStorage",
		"WebhookTrigger request", "response http ", "inboundMessages queueinbound-messages ConversationStorage",
		"messages tableMessages ConversationStorage", "messageStatus tableMessageStatus ConversationStorage",
		"failedMessages queuefailed-messages ConversationStorage", "preferences queuecontact-preferences ConversationStorage",
		"rejectedEvents blob ConversationStorage",
	}
	if diff := cmp.Diff(functions, got); diff != "" {
		t.Error(diff)
	}
	if _, ok := a.Function("statustrigger"); ok {
		t.Error("a name in another case is found")
	}
}

const (
	goodHost     = `{"version":"2.0","extensionBundle":{"id":"b","version":"[4.*, 5.0.0)"},"customHandler":{"description":{"defaultExecutablePath":"h"}}}`
	goodFunction = `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"e"},{"type":"queue","direction":"out","name":"q","queueName":"q"}]}`
)

// folder writes an app folder. A file without text is left out.
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
	a, err := app.Open(folder(t, map[string]string{"host.json": `// a comment
		{"version":"2.0","functionTimeout":"-1","extensionBundle":{"id":"b","version":"[4.*, 5.0.0)"},"extensions":{"queues":{"messageEncoding":"None"}},
		 "customHandler":{"initializationTimeout":"00:01:30","port":7000,"description":{"defaultExecutablePath":"h","arguments":"[\"a\",\"b\"]",
		 "DefaultWorkerPath":"w","workerArguments":["c"],"workingDirectory":"d","workerDirectory":"e","useStdErrorStreamForErrorsOnly":"False"}}}`}))
	if err != nil {
		t.Fatal(err)
	}
	want := app.Host{
		HTTP:            app.HTTP{RoutePrefix: "api", MaxOutstanding: -1},
		FunctionTimeout: -1, Queues: queues(true),
		Handler: app.Handler{
			Executable: "h", Arguments: []string{"a", "b"}, WorkerPath: "w", WorkerArguments: []string{"c"}, WorkingDirectory: "d",
			WorkerDirectory: "e", StartTimeout: 90 * time.Second, Port: 7000,
		},
	}
	if diff := cmp.Diff(want, a.Host, cmpopts.IgnoreUnexported(app.Host{})); diff != "" {
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
	host := func(old, new string) map[string]string {
		return map[string]string{"host.json": strings.Replace(goodHost, old, new, 1)}
	}
	bundle := func(version string) map[string]string { return host("[4.*, 5.0.0)", version) }
	const belowFour = `: bundles below 4 insert table rows but can't replace them, so every redelivery fails: write "[4.*, 5.0.0)"`
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no host.json":               {map[string]string{"host.json": ""}, "ROOT is not the folder of a Functions app: it has no host.json"},
		"host.json ends early":       {map[string]string{"host.json": "{\n\"version\":"}, "host.json: line 2: unexpected end, expected a value"},
		"host.json is an array":      {map[string]string{"host.json": "[]"}, "host.json: it must be a JSON object"},
		"no handler":                 {map[string]string{"host.json": `{"version":"2.0","extensionBundle":{"id":"b","version":"[4.*, 5.0.0)"}}`}, "host.json: customHandler.description is missing: it names the program to start"},
		"no program":                 {host(`"h"`, `""`), "host.json: customHandler.description.defaultExecutablePath is missing: it names the program to start"},
		"no version and no bundle":   {map[string]string{"host.json": `{"customHandler":{"description":{"defaultExecutablePath":"h"}}}`}, "host.json: version must be \"2.0\"\nhost.json: extensionBundle.id is missing: without it there are only HTTP and timer bindings"},
		"bundle without version":     {host(`,"version":"[4.*, 5.0.0)"`, ""), `host.json: extensionBundle.version is missing: write "[4.*, 5.0.0)"`},
		"bundle 2":                   {bundle("[2.*, 3.0.0)"), `host.json: extensionBundle.version is "[2.*, 3.0.0)"` + belowFour},
		"bundle 3":                   {bundle("[3.*, 4.0.0)"), `host.json: extensionBundle.version is "[3.*, 4.0.0)"` + belowFour},
		"bundle 3, exact":            {bundle("[3.3.0]"), `host.json: extensionBundle.version is "[3.3.0]"` + belowFour},
		"a bundle that is no range":  {bundle("latest"), `host.json: extensionBundle.version is "latest": write a range such as "[4.*, 5.0.0)"`},
		"routes":                     {host(`"customHandler":{`, `"customHandler":{"http":{"routes":[{"route":"{*route}"}]},`), "host.json: customHandler.http.routes can't be combined with function.json files: the host takes either"},
		"a timeout of 5m":            {host("{", `{"functionTimeout":"5m",`), `host.json: functionTimeout must be a time such as "00:05:00"`},
		"a timeout of 24 hours":      {host("{", `{"functionTimeout":"24:00:00",`), `host.json: functionTimeout must be a time such as "00:05:00"`},
		"port 0":                     {host(`"customHandler":{`, `"customHandler":{"port":0,`), "host.json: customHandler.port must be a number from 1 to 65535"},
		"a profile without events":   {host("{", `{"configurationProfile":"mcp-custom-handler",`), `host.json: configurationProfile is "mcp-custom-handler": with it the host ignores function.json, so there are no events`},
		"extensions is a number":     {host("{", `{"extensions":7,`), "host.json: extensions must be an object"},
		"functions is a string":      {host("{", `{"functions":"F",`), "host.json: functions must be an array of strings"},
		"an unknown retry strategy":  {host("{", `{"retry":{"strategy":"often"},`), `host.json: retry.strategy is "often": write fixedDelay or exponentialBackoff`},
		"settings end early":         {map[string]string{"local.settings.json": `{"Values":{`}, "local.settings.json: line 1: unexpected end, expected a field's name"},
		"settings encrypted":         {map[string]string{"local.settings.json": `{"IsEncrypted":true}`}, "local.settings.json: IsEncrypted is true, and only func can decrypt it: run func settings decrypt"},
		"no function":                {map[string]string{"F/function.json": ""}, "ROOT has no function: there is no folder with a function.json"},
		"an override that is broken": {map[string]string{"local.settings.json": `{"Values":{"AzureFunctionsJobHost__functionTimeout":"soon"}}`}, `host.json: functionTimeout must be a time such as "00:05:00"`},
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

func TestBundlesFromVersion4(t *testing.T) {
	for _, version := range []string{"[4.*, 5.0.0)", "[4.0.0, 5.0.0)", "[2.*, 5.0.0)", "[3.*, 4.5.0)", "[3.*, 4.0.0]", "[4.26.0]", "4.*", "[4.*, )"} {
		if _, err := app.Open(folder(t, map[string]string{"host.json": strings.Replace(goodHost, "[4.*, 5.0.0)", version, 1)})); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}

const trigger = `{"type":"eventGridTrigger","direction":"in","name":"e"}`

func bindings(all ...string) string { return `{"bindings":[` + strings.Join(all, ",") + `]}` }

// A function at fault does not run. The others do.
func TestFunctionsInError(t *testing.T) {
	for name, test := range map[string]struct {
		text, want string
		unlisted   bool
	}{
		"ends early":              {`{"bindings":[`, "X/function.json: line 1: unexpected end, expected a value", true},
		"empty":                   {" ", "X/function.json: no JSON at all", true},
		"no bindings":             {`{}`, "X/function.json: bindings has no trigger", false},
		"no trigger":              {bindings(`{"type":"queue","direction":"out","name":"q"}`), "X/function.json: bindings has no trigger", false},
		"two triggers":            {bindings(trigger, strings.Replace(trigger, `"e"`, `"e2"`, 1)), "X/function.json: bindings[1].type is a second trigger", false},
		"another trigger":         {bindings(`{"type":"timerTrigger","direction":"in","name":"t"}`), `X/function.json: bindings[0].type is "timerTrigger": devhost supports eventGridTrigger, httpTrigger and queueTrigger`, false},
		"an input":                {bindings(trigger, `{"type":"blob","direction":"in","name":"b"}`), `X/function.json: bindings[1].direction is "in": devhost has no input bindings; write "out" if b is an output`, false},
		"an output without one":   {bindings(trigger, `{"type":"blob","name":"b"}`), `X/function.json: bindings[1].direction is "in": devhost has no input bindings; write "out" if b is an output`, false},
		"an unknown output":       {bindings(trigger, `{"type":"fax","direction":"out","name":"f"}`), `X/function.json: bindings[1].type is "fax": devhost supports queue, table, blob, serviceBus, eventHub, eventGrid, cosmosDB and http`, false},
		"an unknown direction":    {bindings(trigger, `{"type":"queue","direction":"up","name":"q"}`), `X/function.json: bindings[1].direction is "up": write in or out or inout`, true},
		"an unknown cardinality":  {bindings(strings.Replace(trigger, `"e"`, `"e","cardinality":"lots"`, 1)), `X/function.json: bindings[0].cardinality is "lots": write one or many`, true},
		"an unknown dataType":     {bindings(strings.Replace(trigger, `"e"`, `"e","dataType":"text"`, 1)), `X/function.json: bindings[0].dataType is "text": write binary or string or stream`, true},
		"two bindings of a name":  {bindings(trigger, `{"type":"queue","direction":"out","name":"E","queueName":"q"}`), `X/function.json: bindings[1].name is "E", like that of another binding`, false},
		"a name with a hyphen":    {bindings(trigger, `{"type":"queue","direction":"out","name":"q-1"}`), `X/function.json: bindings[1].name is "q-1": it must be letters and digits, a letter first`, false},
		"a binding without name":  {bindings(trigger, `{"type":"queue","direction":"out"}`), `X/function.json: bindings[1].name is "": it must be letters and digits, a letter first`, false},
		"a scriptFile that is no": {strings.Replace(goodFunction, "{", `{"scriptFile":"run.go",`, 1), `X/function.json: scriptFile is "run.go", which does not exist: a custom handler needs none`, true},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := app.Open(folder(t, map[string]string{"X/function.json": test.text}))
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Functions) != 1 || a.Functions[0].Name != "F" || len(a.Inactive) != 1 {
				t.Fatalf("%+v", a)
			}
			got := a.Inactive[0]
			if got.Reason != test.want || !got.InError || got.Disabled || got.Unlisted != test.unlisted {
				t.Errorf("got  %+v\nwant %s, unlisted %v", got, test.want, test.unlisted)
			}
		})
	}
	a, err := app.Open(folder(t, map[string]string{"1st/function.json": goodFunction}))
	if want := `1st/function.json: the folder's name "1st" is not valid for a function`; err != nil || len(a.Inactive) != 1 || a.Inactive[0].Reason != want {
		t.Errorf("%+v, %v", a, err)
	}
}

// Comments, trailing commas and a byte order mark are read in every file.
func TestLenientJSON(t *testing.T) {
	lenient := func(text string) string { return "\uFEFF// first\n" + text[:len(text)-1] + ",/* last */}\n" }
	a, err := app.Open(folder(t, map[string]string{
		"host.json": lenient(goodHost), "F/function.json": lenient(goodFunction), "local.settings.json": lenient(`{"Values":{"A":"a",}}`),
	}))
	if err != nil || len(a.Functions) != 1 || a.Settings["A"] != "a" {
		t.Errorf("%+v, %v", a, err)
	}
}

// Which functions run is said by host.json, settings and the environment.
func TestWhichFunctionsRun(t *testing.T) {
	for name, test := range map[string]struct {
		files   map[string]string
		environ []string
		want    string
	}{
		"all":                          {nil, nil, "F G"},
		"disabled in function.json":    {map[string]string{"G/function.json": strings.Replace(goodFunction, "{", `{"disabled":true,`, 1)}, nil, "F G"},
		"a setting":                    {map[string]string{"local.settings.json": `{"Values":{"AzureWebJobs.G.Disabled":true}}`}, nil, "F"},
		"a setting of 1":               {map[string]string{"local.settings.json": `{"Values":{"AzureWebJobs.G.Disabled":1}}`}, nil, "F"},
		"a setting of yes":             {map[string]string{"local.settings.json": `{"Values":{"AzureWebJobs.G.Disabled":"yes"}}`}, nil, "F G"},
		"a setting in capitals":        {map[string]string{"local.settings.json": `{"Values":{"AZUREWEBJOBS.G.DISABLED":"True"}}`}, nil, "F"},
		"a setting for Linux":          {map[string]string{"local.settings.json": `{"Values":{"azurewebjobs_g_disabled":"1"}}`}, nil, "F"},
		"the environment":              {nil, []string{"AzureWebJobs_G_Disabled=true"}, "F"},
		"the environment wins":         {map[string]string{"local.settings.json": `{"Values":{"AzureWebJobs_G_Disabled":"1"}}`}, []string{"AzureWebJobs_G_Disabled=0"}, "F G"},
		"an empty variable does not":   {map[string]string{"local.settings.json": `{"Values":{"AzureWebJobs_G_Disabled":"1"}}`}, []string{"AzureWebJobs_G_Disabled="}, "F"},
		"functions":                    {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"functions":["f"],`, 1)}, nil, "F"},
		"no functions":                 {map[string]string{"host.json": strings.Replace(goodHost, "{", `{"functions":[],`, 1)}, nil, ""},
		"functions in the settings":    {map[string]string{"local.settings.json": `{"Values":{"AzureFunctionsJobHost__functions__0":"G"}}`}, nil, "G"},
		"functions in the environment": {nil, []string{"AZUREFUNCTIONSJOBHOST:FUNCTIONS:0=g", "AzureFunctionsJobHost__functions__1=f"}, "F G"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"G/function.json": goodFunction}
			maps.Copy(files, test.files)
			a, err := app.Open(folder(t, files), test.environ...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range a.Functions {
				got = append(got, f.Name)
			}
			if strings.Join(got, " ") != test.want || len(a.Functions)+len(a.Inactive) != 2 {
				t.Errorf("got %q, want %q: %+v", got, test.want, a.Inactive)
			}
		})
	}
}

// Every value of host.json can be overridden by a setting.
func TestOverrides(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{
		"host.json": strings.Replace(goodHost, `"defaultExecutablePath":"h"`, `"defaultExecutablePath":"h","arguments":["a","b"]`, 1),
		"local.settings.json": `{"Values":{
			"AzureFunctionsJobHost__functionTimeout":"00:00:02",
			"AzureFunctionsJobHost__extensions__queues__messageEncoding":"none",
			"AzureFunctionsJobHost__customHandler__description__arguments__0":"z",
			"AzureFunctionsJobHost__customHandler__description__workerArguments__0":"w",
			"AzureFunctionsJobHost__customHandler__description__useStdErrorStreamForErrorsOnly":"false",
			"azurefunctionsjobhost__customhandler__description__defaultexecutablepath":"other",
			"AzureFunctionsJobHost__customHandler__port":"7000",
			"AzureFunctionsJobHost__retry__strategy":"fixedDelay","AzureFunctionsJobHost__retry__maxRetryCount":"3","AzureFunctionsJobHost__retry__delayInterval":"00:00:01"}}`,
	}), "AzureFunctionsJobHost__customHandler__initializationTimeout=00:01:00")
	if err != nil {
		t.Fatal(err)
	}
	want := app.Host{
		HTTP:            app.HTTP{RoutePrefix: "api", MaxOutstanding: -1},
		FunctionTimeout: 2 * time.Second, Queues: queues(true), Retry: &app.Retry{Max: 3, Least: time.Second, Most: time.Second},
		Handler: app.Handler{
			Executable: "other", Arguments: []string{"z", "b"}, WorkerArguments: []string{"w"}, WorkingDirectory: ".", WorkerDirectory: ".", StartTimeout: time.Minute, Port: 7000,
		},
	}
	if diff := cmp.Diff(want, a.Host, cmpopts.IgnoreUnexported(app.Host{})); diff != "" {
		t.Error(diff)
	}
}

func TestSettingNames(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{"local.settings.json": `{"Values":{"Store__queueServiceUri":"q","A":"file","B":"file"},"ConnectionStrings":{"Cs":"c"}}`}), "A=environment", "B=")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Store:queueServiceUri": "q", "store__QUEUESERVICEURI": "q", "ConnectionStrings__Cs": "c", "connectionstrings:cs": "c", "a": "environment", "B": "file", "none": "",
	} {
		if got, ok := a.Setting(name); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
}

func TestWarnings(t *testing.T) {
	a, err := app.Open(folder(t, map[string]string{
		"host.json": strings.NewReplacer(`"version":"2.0"`, `"version":"2.0","httpWorker":{},"foo":{"a":1},"retry":{"strategy":"exponentialBackoff","maxRetryCount":-1,"minimumInterval":"00:00:01","maximumInterval":"00:00:05"}`,
			`"customHandler":{`, `"customHandler":{"type":"grpc",`).Replace(goodHost),
		"F/function.json": `{"bindings":[{"type":"eventGridTrigger","direction":"in","name":"e"},{"type":"queue","direction":"out","name":"q","quename":"q"},
			{"type":"blob","direction":"out","name":"b","path":"c/n.json"},{"type":"ServiceBus","direction":"out","name":"s","queueName":"q"}]}`,
		"On/function.json":    strings.Replace(goodFunction, "{", `{"disabled":"SETTING",`, 1),
		"Off/function.json":   goodFunction,
		"local.settings.json": `{"Values":{"AzureWebJobs.Off.Disabled":"True"}}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"host.json: foo is unknown and ignored",
		"host.json: httpWorker is ignored because customHandler is set",
		"host.json: customHandler.type is ignored: the host always uses http",
		"host.json: retry applies to events too, although the documentation denies it: a delivery waits for the last retry, but Event Grid waits 30 seconds at most",
		"F/function.json: bindings[1].queueName is missing: every invocation that writes this output fails",
		"F/function.json: bindings[2].path has no expression such as {sys.randguid}: every invocation overwrites the same blob",
		`F/function.json: bindings[3].type is "ServiceBus": devhost records what it would send, and sends nothing`,
		"On/function.json: disabled is ignored for custom handlers: the function runs. To disable it set AzureWebJobs.On.Disabled",
	}
	if diff := cmp.Diff(want, a.Warnings); diff != "" {
		t.Error(diff)
	}
	inactive := []app.Inactive{{Name: "Off", TriggerType: "eventGridTrigger", Disabled: true, Reason: "disabled by an app setting"}}
	if diff := cmp.Diff(inactive, a.Inactive); diff != "" {
		t.Error(diff)
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
