package infra

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/advancedmessage"
	"whatsapp-functions/handler/status"
)

// functions are the handler's, with the event type that each takes.
var functions = map[string]string{
	advancedmessage.Name: acs.TypeMessageReceived,
	status.Name:          acs.TypeStatusUpdated,
}

// rules are what must hold, each with a check that says what to do where it
// does not.
var rules = map[string]func(texts) error{
	"every function has one subscription, to the type that it takes": func(all texts) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var w wrong
		var subscribed []string
		for _, s := range list {
			w.unless(!slices.Contains(subscribed, s.Function), "%s has two subscriptions for %s: each event would come twice, remove one", subscriptionsFile, s.Function)
			subscribed = append(subscribed, s.Function)
			if want, ok := functions[s.Function]; ok && s.EventType != want {
				w.say("%s: %s gets %q, but the handler takes %q there: write that", subscriptionsFile, s.Function, s.EventType, want)
			}
		}
		w.same(slices.Sorted(maps.Keys(functions)), subscribed,
			"%s has no subscription in "+subscriptionsFile+": no event would come to it, add one",
			"the handler has no function %s: remove its subscription from "+subscriptionsFile)
		return w.err()
	},

	// The host writes queue messages one by one while Event Grid waits for 30
	// seconds: larger batches would run into that.
	"subscriptions are as they are designed": func(all texts) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var w wrong
		for _, s := range list {
			w.unless(s.DeliverySchema == "CloudEventSchemaV1_0", "%s: %s: set deliverySchema to CloudEventSchemaV1_0", subscriptionsFile, s.Name)
			w.unless(s.MaxEventsPerBatch == 100, "%s: %s: set maxEventsPerBatch back to 100: the host writes a batch's queue messages one by one, and Event Grid waits for 30 seconds only", subscriptionsFile, s.Name)
			w.unless(s.PreferredBatchSizeInKilobytes == 64, "%s: %s: set preferredBatchSizeInKilobytes back to 64: Event Grid bills by 64 KB", subscriptionsFile, s.Name)
			w.unless(s.MaxDeliveryAttempts == 30 && s.EventTimeToLiveInMinutes == 1440, "%s: %s: set maxDeliveryAttempts to 30 and eventTimeToLiveInMinutes to 1440, the most that there is", subscriptionsFile, s.Name)
		}
		events := all.code(eventsFile)
		for _, member := range []string{
			"eventDeliverySchema: s.deliverySchema", "s.eventType", "maxEventsPerBatch: s.maxEventsPerBatch",
			"preferredBatchSizeInKilobytes: s.preferredBatchSizeInKilobytes", "maxDeliveryAttempts: s.maxDeliveryAttempts",
			"eventTimeToLiveInMinutes: s.eventTimeToLiveInMinutes", "blobContainerName: s.deadLetterContainer",
			"resourceId: '${site.id}/functions/${s.function}'", "endpointType: 'AzureFunction'",
			"var subscriptions = loadJsonContent('subscriptions.json').subscriptions",
		} {
			w.unless(has(events, member), "%s lacks the line %q: subscriptions are written down once, in %s", eventsFile, member, subscriptionsFile)
		}
		return w.err()
	},

	"what function.json names is there": func(all texts) error {
		var w wrong
		var queues, tables, containers []string
		code := all.code(mainFile)
		for _, file := range []string{messageFile, statusFile} {
			outputs, err := all.outputs(file)
			if err != nil {
				return err
			}
			for _, b := range outputs {
				switch b.Type {
				case "queue":
					queues = append(queues, b.QueueName)
				case "table":
					tables = append(tables, b.TableName)
				case "blob":
					container, _, _ := strings.Cut(b.Path, "/")
					containers = append(containers, container)
				}
				settings := []string{"credential", "blobServiceUri", "queueServiceUri", "tableServiceUri"}
				if b.Type == "serviceBus" || b.Type == "eventHub" {
					settings = []string{"fullyQualifiedNamespace"}
				}
				for _, setting := range settings {
					w.unless(has(code, "name: '"+b.Connection+"__"+setting+"'"), "%s: the output %s uses the connection %q, but %s has no app setting %s__%s: add it", file, b.Name, b.Connection, mainFile, b.Connection, setting)
				}
			}
		}
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		for _, s := range list {
			containers = append(containers, s.DeadLetterContainer)
		}
		const (
			missing = mainFile + " makes no %s %%s, which a function writes to: add it there"
			idle    = mainFile + " makes a %s %%s, which no function.json and no subscription names: remove it there, or bind it"
		)
		w.same(queues, stringsIn(code, "queueNames"), fmt.Sprintf(missing, "queue"), fmt.Sprintf(idle, "queue"))
		w.same(tables, stringsIn(code, "tableNames"), fmt.Sprintf(missing, "table"), fmt.Sprintf(idle, "table"))
		w.same(append(containers, "deployments"), containersIn(code), fmt.Sprintf(missing, "container"), fmt.Sprintf(idle, "container"))
		w.unless(strings.Contains(code, "[for container in [rejectedContainer, deadLetterContainer]"), "%s: rejected events and dead letters hold personal data: both containers need a rule that deletes old blobs", mainFile)
		return w.err()
	},

	"the two stages name the same things": func(all texts) error {
		var w wrong
		for _, line := range []string{"name: 'chat${uniqueString(resourceGroup().id, app)}'", "name: '${app}-alerts'"} {
			w.unless(has(all.code(mainFile)+all.code(alertsFile), line) && has(all.code(eventsFile), line),
				"the line %q must be in %s or %s, and in %s: the second stage finds by it what the first made", line, mainFile, alertsFile, eventsFile)
		}
		return w.err()
	},

	"roles are known, and by their names": func(all texts) error {
		known := map[string]string{
			"Monitoring Metrics Publisher":      "3913510d-42f4-4e42-8a64-420c390055eb",
			"Storage Blob Data Contributor":     "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
			"Storage Blob Data Owner":           "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
			"Storage Queue Data Contributor":    "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
			"Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
			"Storage Table Data Contributor":    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
		}
		roles, err := decode[map[string]string](all, rolesFile)
		if err != nil {
			return err
		}
		var w wrong
		for name, id := range roles {
			w.unless(known[name] == id, "%s: %q is not the id of %s: look it up in Azure's list of built-in roles, and write it here too if the role is new", rolesFile, id, name)
		}
		code := all.bicep()
		for _, use := range regexp.MustCompile(`roles\['([^']*)'\]`).FindAllStringSubmatch(code, -1) {
			w.unless(roles[use[1]] != "", "the role %q is given, but it is not in %s: add it there with its id", use[1], rolesFile)
		}
		for _, id := range regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).FindAllString(code, -1) {
			w.say("Bicep has the id %s: give roles by name, with their ids in %s", id, rolesFile)
		}
		return w.err()
	},

	"the app may do what it must": func(all texts) error {
		var w wrong
		code := all.code(mainFile)
		for group, need := range map[string][]string{
			"hostRoles":         {"Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor"},
			"conversationRoles": {"Storage Blob Data Contributor", "Storage Queue Data Message Sender", "Storage Table Data Contributor"},
		} {
			list := regexp.MustCompile(`(?s)var ` + group + ` = \[(.*?)\n\]`).FindStringSubmatch(code)
			for _, role := range need {
				w.unless(list != nil && strings.Contains(list[1], "roles['"+role+"']"), "%s: %s lacks the role %s: the host could not write", mainFile, group, role)
			}
		}
		w.unless(strings.Contains(code, "scope: insights"), "%s: the app has no role on Application Insights, where nothing but identities may log: add it", mainFile)
		w.unless(strings.Contains(all.code(eventsFile), "deadLetterWithResourceIdentity: {"), "%s: dead letters must be written with the topic's identity: the account takes no keys", eventsFile)
		w.unless(strings.Contains(all.code(eventsFile), "principalId: topic.identity.principalId"), "%s: the topic's identity needs a role to write dead letters", eventsFile)
		return w.err()
	},

	"nothing is reached by a key": func(all texts) error {
		var w wrong
		code := all.bicep()
		for _, word := range []string{"listKeys", "AccountKey", "listAccountSas", "listServiceSas", "SharedAccess", "instrumentationKey", "InstrumentationKey", "systemKeys", "StorageAccountConnectionString"} {
			w.unless(!strings.Contains(code, word), "Bicep says %s: reach it by identity and a role, and remove the key", word)
		}
		accounts := regexp.MustCompile(`(?s)resource \w+ 'Microsoft\.Storage/storageAccounts@[^']*' = \{.*?\n\}`).FindAllString(code, -1)
		w.unless(len(accounts) == 2, "%s makes %d storage accounts: one is the host's, and one is for what the functions write", mainFile, len(accounts))
		for _, account := range accounts {
			for _, line := range []string{"allowSharedKeyAccess: false", "allowBlobPublicAccess: false", "minimumTlsVersion: 'TLS1_2'", "supportsHttpsTrafficOnly: true"} {
				w.unless(has(account, line), "%s: a storage account lacks the line %q: add it", mainFile, line)
			}
		}
		w.unless(has(code, "DisableLocalAuth: true"), "%s: Application Insights lacks DisableLocalAuth: true: anybody with its connection string could log", mainFile)
		w.unless(has(code, "httpsOnly: true"), "%s: the site lacks httpsOnly: true", mainFile)
		return w.err()
	},

	"the app is a custom handler, and nobody takes it for a native Go worker": func(all texts) error {
		var w wrong
		runtime := regexp.MustCompile(`(?s)runtime: \{\s*name: '([^']*)'\s*version: '([^']*)'`).FindStringSubmatch(all.code(mainFile))
		w.unless(runtime != nil && runtime[1] == "custom" && runtime[2] == "1.0", "%s: set the site's runtime to name 'custom', version '1.0'", mainFile)
		w.unless(!strings.Contains(all.bicep(), "FUNCTIONS_WORKER_RUNTIME"), "%s: remove the setting FUNCTIONS_WORKER_RUNTIME: on Flex Consumption the site's runtime says it", mainFile)
		settings, err := decode[struct{ Values map[string]string }](all, settingsFile)
		if err != nil {
			return err
		}
		w.unless(settings.Values["FUNCTIONS_WORKER_RUNTIME"] == "custom", "%s: set FUNCTIONS_WORKER_RUNTIME to custom: func takes a folder with a go.mod for a native worker's", settingsFile)
		azd := regexp.MustCompile(`(?m)#.*$`).ReplaceAllString(all[azdFile], "")
		w.unless(!regexp.MustCompile(`(?m)^\s*language:`).MatchString(azd), "%s: remove language: azd would build a native Go worker, and this is a custom handler; the hooks package and deploy it", azdFile)
		w.unless(!regexp.MustCompile(`(?m)^services:`).MatchString(azd), "%s: remove services: azd would deploy the folder as it is; the hooks package and deploy the app", azdFile)
		for _, run := range []string{"make package", "make deploy subscribe"} {
			w.unless(has(azd, "run: "+run), "%s: a hook must run %q", azdFile, run)
		}
		host, err := decode[struct {
			CustomHandler struct {
				Description struct {
					DefaultExecutablePath string `json:"defaultExecutablePath"`
				} `json:"description"`
			} `json:"customHandler"`
		}](all, hostFile)
		if err != nil {
			return err
		}
		w.unless(host.CustomHandler.Description.DefaultExecutablePath == "bin/handler", "%s: set customHandler.description.defaultExecutablePath to bin/handler, where the zip has it", hostFile)
		return w.err()
	},

	"no address of a request is logged, for keys of rows have numbers in them": func(all texts) error {
		host, err := decode[struct {
			Logging struct {
				ApplicationInsights struct {
					EnableDependencyTracking *bool `json:"enableDependencyTracking"`
				} `json:"applicationInsights"`
			} `json:"logging"`
		}](all, hostFile)
		if err != nil {
			return err
		}
		var w wrong
		tracking := host.Logging.ApplicationInsights.EnableDependencyTracking
		w.unless(tracking != nil && !*tracking, "%s: set logging.applicationInsights.enableDependencyTracking to false: it logs the addresses of writes, which may have phone numbers in them", hostFile)
		return w.err()
	},

	"alerts see what they look at": func(all texts) error {
		host, err := decode[struct {
			Logging struct {
				LogLevel map[string]string `json:"logLevel"`
			} `json:"logging"`
		}](all, hostFile)
		if err != nil {
			return err
		}
		var w wrong
		for _, category := range []string{"Host.Function.Console", "Host.Results"} {
			w.unless(host.Logging.LogLevel[category] == "Information", "%s: set logging.logLevel of %s to Information: alerts read it", hostFile, category)
		}
		for _, metric := range []string{"DeadLetteredCount", "DroppedEventCount"} {
			w.unless(strings.Contains(all.code(eventsFile), "'"+metric+"'"), "%s lacks an alert on %s: events would be lost without a word", eventsFile, metric)
		}
		for _, name := range []string{"rejected", "message-failures", "function-failures"} {
			w.unless(has(all.code(alertsFile), "name: '"+name+"'"), "%s lacks the alert %s", alertsFile, name)
		}
		w.unless(strings.Contains(all.code(alertsFile), "'QueueMessageCount'"), "%s lacks an alert on the queues' length", alertsFile)
		return w.err()
	},

	"func azure functionapp publish packs what make package packs": func(all texts) error {
		ignored, err := funcIgnore(all[funcIgnoreFile])
		if err != nil {
			return err
		}
		var w wrong
		files, err := appFiles()
		if err != nil {
			return err
		}
		shipped := []string{messageFile, statusFile, hostFile, "bin/handler"}
		for _, file := range append(files, "bin/handler", "bin/devhost", "dist/app.zip", ".devhost/storage/x", ".git/HEAD") {
			if out := ignored.MatchString(file); out && slices.Contains(shipped, file) {
				w.say("%s leaves %s out: it must be published", funcIgnoreFile, file)
			} else if !out && !slices.Contains(shipped, file) {
				top, _, _ := strings.Cut(file, "/")
				w.say("func would publish %s: add %s to %s", file, top, funcIgnoreFile)
			}
		}
		return w.err()
	},
}

// funcIgnore is how func reads .funcignore: a line is a pattern for the
// beginning of a path, up to the end of a word.
func funcIgnore(text string) (*regexp.Regexp, error) {
	var patterns []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.ContainsAny(line, "!*") {
			return nil, fmt.Errorf("%s: %s: write names only: func reads patterns in a way of its own", funcIgnoreFile, line)
		}
		patterns = append(patterns, regexp.QuoteMeta(strings.TrimPrefix(line, "/")))
	}
	return regexp.Compile(`^(?:` + strings.Join(patterns, "|") + `)\b`)
}

// appFiles are the files of the app's folder, with slashes.
func appFiles() (files []string, err error) {
	err = filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !d.IsDir() {
			name, err := filepath.Rel(repository, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	return files, err
}

func TestRules(t *testing.T) {
	all := readTexts(t)
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			if err := rule(all); err != nil {
				t.Error(err)
			}
		})
	}
}
