package infra

import (
	"maps"
	"strings"
	"testing"
)

// Every rule can be broken, and says what to do.
func TestBrokenRulesAreFound(t *testing.T) {
	for name, edit := range map[string]struct {
		file, old, new string
		want           string
	}{
		"a queue renamed in Bicep":                 {mainFile, "'inbound-messages'", "'incoming-messages'", "makes no queue inbound-messages"},
		"a queue renamed in function.json":         {messageFile, `"inbound-messages"`, `"incoming-messages"`, "makes a queue inbound-messages, which no function.json"},
		"a table dropped from Bicep":               {mainFile, "  'MessageStatus'\n", "", "makes no table MessageStatus"},
		"a container renamed in Bicep":             {mainFile, "'rejected-events'", "'rejects'", "makes no container rejected-events"},
		"dead letters to a container of nobody":    {subscriptionsFile, `"dead-letters"`, `"graveyard"`, "makes no container graveyard"},
		"old rejected events kept":                 {mainFile, "[rejectedContainer, deadLetterContainer]", "[deadLetterContainer]", "need a rule that deletes old blobs"},
		"a connection renamed":                     {statusFile, `"ConversationStorage"`, `"ChatStorage"`, "no app setting ChatStorage__queueServiceUri"},
		"a connection's setting dropped":           {mainFile, "'ConversationStorage__tableServiceUri'", "'ConversationStorage__tables'", "no app setting ConversationStorage__tableServiceUri"},
		"a subscription dropped":                   {subscriptionsFile, `"function": "StatusTrigger"`, `"function": "AdvancedMessageTrigger"`, "StatusTrigger has no subscription"},
		"a subscription for no function":           {subscriptionsFile, `"function": "StatusTrigger"`, `"function": "statustrigger"`, "the handler has no function statustrigger"},
		"another event type":                       {subscriptionsFile, "DeliveryStatusUpdated", "DeliveryReportReceived", `the handler takes "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated" there`},
		"larger batches":                           {subscriptionsFile, `"maxEventsPerBatch": 100`, `"maxEventsPerBatch": 5000`, "set maxEventsPerBatch back to 100"},
		"larger batches in Bicep":                  {eventsFile, "maxEventsPerBatch: s.maxEventsPerBatch", "maxEventsPerBatch: 5000", "subscriptions are written down once"},
		"fat batches":                              {subscriptionsFile, `"preferredBatchSizeInKilobytes": 64`, `"preferredBatchSizeInKilobytes": 1024`, "set preferredBatchSizeInKilobytes back to 64"},
		"few attempts":                             {subscriptionsFile, `"maxDeliveryAttempts": 30`, `"maxDeliveryAttempts": 3`, "set maxDeliveryAttempts to 30"},
		"the old schema":                           {subscriptionsFile, "CloudEventSchemaV1_0", "EventGridSchema", "set deliverySchema to CloudEventSchemaV1_0"},
		"an account renamed in one stage":          {eventsFile, "'chat${", "'conv${", "the second stage finds by it what the first made"},
		"a role's id mistyped":                     {rolesFile, "c6a89b2d", "c6a89b2e", "is not the id of Storage Queue Data Message Sender"},
		"a role that has no id":                    {mainFile, "roles['Storage Blob Data Owner']", "roles['Owner']", `"Owner" is given, but it is not in infra/roles.json`},
		"a role given by its id":                   {eventsFile, "roles['Storage Blob Data Contributor'])", "'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')", "give roles by name"},
		"no right to write tables":                 {mainFile, "  roles['Storage Table Data Contributor']\n]\n\nresource conversationAccess", "]\n\nresource conversationAccess", "conversationRoles lacks the role Storage Table Data Contributor"},
		"no right to log":                          {mainFile, "scope: insights", "scope: site", "no role on Application Insights"},
		"dead letters by key":                      {eventsFile, "deadLetterWithResourceIdentity: {", "deadLetterDestination: {", "written with the topic's identity"},
		"a key read":                               {mainFile, "value: insights.properties.ConnectionString", "value: hostStorage.listKeys().keys[0].value", "Bicep says listKeys"},
		"keys allowed":                             {mainFile, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", `lacks the line "allowSharedKeyAccess: false"`},
		"old TLS":                                  {mainFile, "'TLS1_2'", "'TLS1_0'", `lacks the line "minimumTlsVersion: 'TLS1_2'"`},
		"anybody may log":                          {mainFile, "DisableLocalAuth: true", "DisableLocalAuth: false", "lacks DisableLocalAuth"},
		"a native worker in Bicep":                 {mainFile, "name: 'custom'", "name: 'native'", "set the site's runtime to name 'custom'"},
		"the worker as a setting":                  {mainFile, "'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'", "'FUNCTIONS_WORKER_RUNTIME'", "remove the setting FUNCTIONS_WORKER_RUNTIME"},
		"a native worker on one's own machine":     {settingsFile, `"custom"`, `"native"`, "set FUNCTIONS_WORKER_RUNTIME to custom"},
		"a Go service of azd":                      {azdFile, "hooks:", "services:\n  app:\n    project: .\n    language: go\n    host: function\nhooks:", "remove language: azd would build a native Go worker"},
		"a service of azd without a language":      {azdFile, "hooks:", "services:\n  app:\n    project: .\nhooks:", "remove services"},
		"azd that deploys nothing":                 {azdFile, "run: make deploy subscribe", "run: make deploy", `a hook must run "make deploy subscribe"`},
		"the handler elsewhere":                    {hostFile, `"bin/handler"`, `"handler"`, "set customHandler.description.defaultExecutablePath to bin/handler"},
		"completion lines that are not kept":       {hostFile, `"Host.Function.Console": "Information"`, `"Host.Function.Console": "Warning"`, "set logging.logLevel of Host.Function.Console to Information"},
		"addresses logged":                         {hostFile, `"enableDependencyTracking": false`, `"enableDependencyTracking": true`, "set logging.applicationInsights.enableDependencyTracking to false"},
		"Service Bus without its namespace":        {messageFile, `"queue",`, `"serviceBus",`, "no app setting ConversationStorage__fullyQualifiedNamespace"},
		"no word of dropped events":                {eventsFile, "'DroppedEventCount'", "'PublishFailCount'", "lacks an alert on DroppedEventCount"},
		"no word of rejected events":               {alertsFile, "name: 'rejected'", "name: 'refused'", "lacks the alert rejected"},
		"sources published":                        {funcIgnoreFile, "handler\n", "", "func would publish handler/"},
		"the handler not published":                {funcIgnoreFile, "bin/devhost\n", "bin\n", "leaves bin/handler out"},
		"a pattern that func reads in its own way": {funcIgnoreFile, "docs\n", "*.md\n", "write names only"},
		"a list that is no JSON":                   {subscriptionsFile, "{", "", subscriptionsFile},
	} {
		t.Run(name, func(t *testing.T) {
			all := maps.Clone(readTexts(t))
			if !strings.Contains(all[edit.file], edit.old) {
				t.Fatalf("there is no %q in %s", edit.old, edit.file)
			}
			all[edit.file] = strings.ReplaceAll(all[edit.file], edit.old, edit.new)
			var said []string
			for _, rule := range allRules() {
				if err := rule(all); err != nil {
					said = append(said, err.Error())
				}
			}
			if text := strings.Join(said, "\n"); !strings.Contains(text, edit.want) {
				t.Errorf("it is not said %q, but: %s", edit.want, text)
			}
		})
	}
}
