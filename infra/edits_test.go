package infra

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"whatsapp-functions/internal/testkit"
)

// An edit breaks a rule, whose error must contain want.
type edit struct {
	file, old, new string
	want           string
}

var breakingEdits = map[string]edit{
	"a resource of another API version":     {eventsFile, "sites@2025-03-01", "sites@2024-04-01", "Microsoft.Web/sites has the versions"},
	"a parameter without a description":     {alertsFile, "@description('The region of the log alerts.')\n", "", "add @description to the parameter location"},
	"a number without a minimum":            {mainFile, "@minValue(1)\nparam queueAlertLength", "param queueAlertLength", "add @minValue to the parameter queueAlertLength"},
	"a required string that may be empty":   {eventsFile, "@minLength(1)\nparam communicationServices", "param communicationServices", "add @minLength to the parameter communicationServices"},
	"a name with the app's capitals":        {mainFile, "name: '${name}-logs'", "name: '${app}-logs'", "logs uses the parameter app"},
	"the app's capitals in every name":      {eventsFile, "var name = toLower(app)", "var name = app", "set var name = toLower(app)"},
	"a hash of the group's capitals":        {eventsFile, "toLower(resourceGroup().id)", "resourceGroup().id", "use toLower(resourceGroup().id)"},
	"a linter rule that only warns":         {linterFile, `"max-params": {"level": "error"}`, `"max-params": {"level": "warning"}`, "set the level of max-params to error"},
	"a parameter of azd only":               {parametersFile, `"alertEmail"`, `"mail"`, "infra/main.bicep has no parameter mail"},
	"a queue renamed in Bicep":              {mainFile, "'inbound-messages'", "'incoming-messages'", "writes to the queue inbound-messages, which infra/main.bicep does not create"},
	"a queue renamed in function.json":      {messageFile, `"inbound-messages"`, `"incoming-messages"`, "writes to the queue incoming-messages, which"},
	"a table removed from Bicep":            {mainFile, "  'MessageStatus'\n", "", "writes to the table MessageStatus, which"},
	"a container renamed in Bicep":          {mainFile, "'rejected-events'", "'rejects'", "writes to the container rejected-events, which"},
	"an unknown container for dead letters": {subscriptionsFile, `"dead-letters"`, `"graveyard"`, "needs the container graveyard, which"},
	"rejected events that are kept":         {mainFile, "    { name: rejectedContainer, days: keepRejectedDays }\n", "", "deletedContainers lacks { name: rejectedContainer"},
	"a connection renamed":                  {statusFile, `"ConversationStorage"`, `"ChatStorage"`, "no app setting ChatStorage__queueServiceUri"},
	"a setting of a connection removed":     {mainFile, "ConversationStorage__tableServiceUri:", "ConversationStorage__tables:", "no app setting ConversationStorage__tableServiceUri"},
	"a subscription removed":                {subscriptionsFile, `"function": "StatusTrigger"`, `"function": "AdvancedMessageTrigger"`, "add a subscription for StatusTrigger"},
	"two subscriptions of a function":       {subscriptionsFile, `"function": "StatusTrigger"`, `"function": "AdvancedMessageTrigger"`, "two subscriptions for AdvancedMessageTrigger"},
	"a subscription of an unknown function": {subscriptionsFile, `"function": "StatusTrigger"`, `"function": "statustrigger"`, "the handler has no function statustrigger"},
	"another event type":                    {subscriptionsFile, "DeliveryStatusUpdated", "DeliveryReportReceived", `takes "Microsoft.Communication.AdvancedMessageDeliveryStatusUpdated"`},
	"batches of more events":                {subscriptionsFile, `"maxEventsPerBatch": 100`, `"maxEventsPerBatch": 5000`, "set maxEventsPerBatch to 100"},
	"batches of more events in Bicep":       {subscribeFile, "maxEventsPerBatch: s.maxEventsPerBatch", "maxEventsPerBatch: 5000", "set destination.properties.maxEventsPerBatch to s.maxEventsPerBatch"},
	"every event type":                      {subscribeFile, "includedEventTypes: [\n          s.eventType\n        ]", "includedEventTypes: []", "set filter.includedEventTypes"},
	"a list of its own in Bicep":            {subscribeFile, "loadJsonContent('subscriptions.json').subscriptions", "[]", "create one subscription for each element"},
	"larger batches":                        {subscriptionsFile, `"preferredBatchSizeInKilobytes": 64`, `"preferredBatchSizeInKilobytes": 1024`, "set preferredBatchSizeInKilobytes to 64"},
	"few attempts":                          {subscriptionsFile, `"maxDeliveryAttempts": 30`, `"maxDeliveryAttempts": 3`, "set maxDeliveryAttempts to 30"},
	"the Event Grid schema":                 {subscriptionsFile, "CloudEventSchemaV1_0", "EventGridSchema", "set deliverySchema to CloudEventSchemaV1_0"},
	"an existing topic written again":       {eventsFile, " = if (empty(systemTopic)) {", " = {", "create newTopic only if systemTopic is empty"},
	"subscriptions of the new topic only":   {eventsFile, "systemTopic: topicName", "systemTopic: newTopic.name", "subscriptions must belong to topic"},
	"an account renamed in one stage":       {eventsFile, "'chat${", "'conv${", "finds by name what the first created"},
	"an action group renamed":               {alertsFile, "'${app}-alerts'", "'${app}-people'", "the action group must have the name"},
	"a site that comes before its zip":      {appFile, "${hostStorage::blobs::deployments.name}", "${deploymentContainer}", "the site may come before its container"},
	"a mistyped role id":                    {rolesFile, "c6a89b2d", "c6a89b2e", "is not the id of Storage Queue Data Message Sender"},
	"a role without an id":                  {appFile, "roles['Storage Blob Data Owner']", "roles['Owner']", `uses the role "Owner", which is not in infra/roles.json`},
	"a role given by its id":                {appFile, "roles['Storage Blob Data Owner']", "'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'", "give roles by name"},
	"no right to write tables":              {appFile, "      roles['Storage Table Data Contributor']\n", "", "hostAccess lacks the role Storage Table Data Contributor"},
	"roles on the wrong account":            {mainFile, "account: conversationStorage.name\n    principalId", "account: 'other'\n    principalId", "conversationAccess must give the site's identity roles on conversationStorage.name"},
	"no right to log":                       {appFile, "    insights: insights\n", "    insights: name\n", "no role on Application Insights"},
	"a role on a whole account":             {dataRolesFile, "scope: queue[i]", "scope: storage", "the scope of queueAssignment must be one queue"},
	"a role that can read messages":         {dataRolesFile, "'Storage Queue Data Message Sender'", "'Storage Queue Data Contributor'", "queueAssignment must give the role Storage Queue Data Message Sender"},
	"a table without a role":                {mainFile, "tables: tableNames", "tables: []", "roles on queueNames and tableNames"},
	"a container too many":                  {mainFile, "      rejectedContainer\n    ]", "      rejectedContainer\n      deadLetterContainer\n    ]", "a role on rejectedContainer only"},
	"a subscription without the app's name": {subscribeFile, "'${app}-${s.name}'", "s.name", "must start with the app's"},
	"alerts for every app of a topic":       {eventsFile, "name: 'EventSubscriptionName'", "name: 'Error'", "topicAlert must only look at this app's subscriptions"},
	"no alert on failed deliveries":         {eventsFile, "'DeliveryAttemptFailCount'", "'DeliverySuccessCount'", "lacks an alert on DeliveryAttemptFailCount"},
	"alerts that reach nobody unnoticed":    {mainFile, "empty(alertEmail) ? 'nobody: pass alertEmail, or look at the portal' : alertEmail", "alertEmail", "the output ALERTS must say"},
	"no alert on poison queues":             {alertsFile, "name: 'poison'", "name: 'toxic'", "poisonAlerts lacks the alert poison"},
	"alerts that are in no rule":            {alertsFile, "empty(consumedQueues) ? [] : consumerAlerts", "consumerAlerts", "logAlerts must have all alerts"},
	"no log of queues":                      {mainFile, "category: 'StorageDelete'", "category: 'StorageRead'", "queueLogs must have StorageDelete"},
	"addresses of rows in the log":          {mainFile, "resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads)", "resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (true)", "tableLogs must be there only with logReads"},
	"failures of the webhook unnoticed":     {alertsFile, "= if (webhook) {", "= if (false) {", "webhookFailures must be there"},
	"a role assignment named after the app": {storageRolesFile, "guid(storage.id, principalId, role)", "guid(storage.id, account, role)", "must be a guid of the scope, the principal and the role"},
	"the same for Application Insights":     {insightsRoleFile, "guid(component.id, principalId, role)", "guid(component.id, role)", "must be a guid of the scope, the principal and the role"},
	"dead letters with a key":               {subscribeFile, "deadLetterWithResourceIdentity: {", "deadLetterDestination: {", "must be written with the topic's identity"},
	"a topic without a role":                {eventsFile, "principalId: topic.identity.principalId", "principalId: site.identity.principalId", "the topic's identity needs a role"},
	"a key that is read":                    {appFile, "component.properties.ConnectionString", "hostStorage.listKeys().keys[0].value", "uses listKeys"},
	"a key as a property":                   {appFile, "      http20Enabled: true", "      AccountKey: 'x'", "uses AccountKey"},
	"keys allowed":                          {appFile, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "set allowSharedKeyAccess of hostStorage to false"},
	"old TLS":                               {mainFile, "'TLS1_2'", "'TLS1_0'", "set minimumTlsVersion of conversationStorage to 'TLS1_2'"},
	"logging without an identity":           {mainFile, "DisableLocalAuth: true", "DisableLocalAuth: false", "set DisableLocalAuth of insights to true"},
	"plain HTTP":                            {appFile, "httpsOnly: true", "httpsOnly: false", "set httpsOnly of the site to true"},
	"a webhook without a source":            {mainFile, "Disabled: usesMeta ? '0' : '1'", "Disabled: '0'", "an app without Meta must have no public endpoint"},
	"a webhook of every app":                {mainFile, "var usesMeta = sources != 'acs'", "var usesMeta = true", "set var usesMeta = sources != 'acs'"},
	"another source by default":             {mainFile, "param sources string = 'acs'", "param sources string = 'both'", "acs without a value"},
	"no function for redeliver":             {mainFile, "      AzureWebJobs_WebhookTrigger", "      AzureWebJobs_StatusTrigger_Disabled: '1'\n      AzureWebJobs_WebhookTrigger", "remove the setting AzureWebJobs_StatusTrigger_Disabled"},
	"a setting with dots":                   {mainFile, "AzureWebJobs_WebhookTrigger_Disabled", "'AzureWebJobs.WebhookTrigger.Disabled'", "with underscores"},
	"long request bodies":                   {mainFile, "'4194304'", "'104857600'", "set FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"},
	"a secret as a parameter":               {mainFile, "@description('Whether a provider", "@description('x')\n@secure()\nparam appSecret string = ''\n\n@description('Whether a provider", "remove the secret parameter appSecret"},
	"a secret in a setting":                 {mainFile, "  META_VERIFY_TOKEN: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=meta-verify-token)'", "  META_VERIFY_TOKEN: 'token'", "set META_VERIFY_TOKEN of metaSettings"},
	"a setting that the handler renamed":    {handlerFile, "META_APP_SECRETS", "META_SECRETS", "sets META_APP_SECRETS, which is not a setting of the handler"},
	"a version of a secret":                 {mainFile, "SecretName=meta-app-secrets)", "SecretName=meta-app-secrets;SecretVersion=1)", "without a version"},
	"a secret that no setting refers to":    {mainFile, "usesMeta ? metaSettings : {}, ", "", "merge metaSettings"},
	"a vault with access policies":          {vaultFile, "enableRbacAuthorization: true", "enableRbacAuthorization: false", "set enableRbacAuthorization"},
	"a vault whose secrets can be purged":   {vaultFile, "enablePurgeProtection: true", "enablePurgeProtection: false", "set enablePurgeProtection"},
	"a vault of every app":                  {mainFile, "= if (usesMeta && empty(keyVault)) {", "= if (empty(keyVault)) {", "create the vault only if"},
	"no right to read secrets":              {mainFile, "role: roles['Key Vault Secrets User']", "role: roles['Monitoring Metrics Publisher']", "vaultAccess must give"},
	"a vault role named after the vault":    {vaultRoleFile, "guid(keyVault.id, principalId, role)", "guid(keyVault.id, role)", "must be a guid of the scope, the principal and the role"},
	"a native worker in Bicep":              {appFile, "name: 'custom'", "name: 'native'", "set the site's runtime to name 'custom'"},
	"the worker as a setting":               {appFile, "APPLICATIONINSIGHTS_AUTHENTICATION_STRING:", "FUNCTIONS_WORKER_RUNTIME:", "remove the setting FUNCTIONS_WORKER_RUNTIME"},
	"FTP turned off":                        {appFile, "      http20Enabled: true", "      ftpsState: 'Disabled'", "remove ftpsState: Flex Consumption refuses it"},
	"settings that a deployment removes":    {mainFile, "union(settings, ", "union({}, ", "merge the parameter settings"},
	"settings in two places":                {appFile, "      http20Enabled: true", "      appSettings: []", "must be the only place of app settings"},
	"always-ready instances removed":        {appFile, "        alwaysReady: alwaysReady\n", "", "set alwaysReady to the parameter"},
	"a native worker on a local machine":    {settingsFile, `"custom"`, `"native"`, "set FUNCTIONS_WORKER_RUNTIME to custom"},
	"a Go service of azd":                   {azdFile, "hooks:", "services:\n  app:\n    project: .\n    language: go\n    host: function\nhooks:", "remove language: azd would build a native Go worker"},
	"a service of azd without a language":   {azdFile, "hooks:", "services:\n  app:\n    project: .\nhooks:", "remove services"},
	"azd that deploys nothing":              {azdFile, "run: make deploy subscribe", "run: make deploy", `a hook must run "make deploy subscribe"`},
	"the handler elsewhere":                 {hostFile, `"bin/handler"`, `"handler"`, "set customHandler.description.defaultExecutablePath to bin/handler"},
	"a log item for every written event":    {hostFile, `"Host.Function.Console": "Warning"`, `"Host.Function.Console": "Information"`, "set logging.logLevel of Host.Function.Console to Warning"},
	"no requests logged":                    {hostFile, `"Host.Results": "Information"`, `"Host.Results": "Warning"`, "set logging.logLevel of Host.Results to Information"},
	"two warnings for every rejected event": {hostFile, `"Azure.Core": "Error"`, `"Azure.Core": "Warning"`, "set logging.logLevel of Azure.Core to Error"},
	"the handler's Logs dropped":            {hostFile, `"Function.StatusTrigger.User": "Information"`, `"Function.StatusTrigger.User": "Warning"`, "set logging.logLevel of Function.StatusTrigger.User to Information"},
	"rejections that are sampled":           {hostFile, `"Exception;Trace"`, `"Exception"`, "add Trace to logging.applicationInsights.samplingSettings.excludedTypes"},
	"addresses logged":                      {hostFile, `"enableDependencyTracking": false`, `"enableDependencyTracking": true`, "set logging.applicationInsights.enableDependencyTracking to false"},
	"no alert on dropped events":            {eventsFile, "'DroppedEventCount'", "'PublishFailCount'", "lacks an alert on DroppedEventCount"},
	"no alert on rejected events":           {alertsFile, "name: 'rejected'", "name: 'refused'", "lacks the alert rejected"},
	"an aggregation that is not offered":    {alertsFile, "'Average'", "'Maximum'", "must use the Average of QueueMessageCount"},
	"a window without a value":              {alertsFile, "windowSize: 'P1D'", "windowSize: 'PT6H'", "set windowSize of queueLength to P1D"},
	"a workspace that keeps logs":           {mainFile, "retentionInDays: keepLogsDays\n    features", "retentionInDays: 730\n    features", "set retentionInDays of logs to keepLogsDays"},
	"tables that keep 90 days":              {mainFile, "totalRetentionInDays: keepLogsDays", "totalRetentionInDays: 90", "set both retentions of the tables"},
	"a table that keeps 90 days":            {mainFile, "'AppTraces', ", "", "set the retention of the table AppTraces too"},
	"a queue twice":                         {mainFile, "  'channel-events' //", "  'media-requests'\n  'channel-events' //", "queueNames has a queue twice"},
	"a long name of a deployment":           {mediaFile, "-data-access", "-conversation-access-to-data", "the name of conversationAccess has up to"},
	"a media app in every deployment":       {mainFile, "'media.bicep' = if (media) {", "'media.bicep' = {", "create mediaApp only if the parameter media is true"},
	"media by default":                      {mainFile, "param media bool = false", "param media bool = true", "create mediaApp only if the parameter media is true"},
	"media of another container":            {mainFile, "container: mediaContainer", "container: rejectedContainer", "set container of mediaApp to mediaContainer"},
	"another name of the media app":         {mediaFile, "'${app}-media'", "'${app}-files'", "the name of the media app must be"},
	"media requests that cannot be read":    {mediaFile, "    triggerQueues: [\n      requestQueue\n    ]\n", "", "set triggerQueues of conversationAccess to [requestQueue]"},
	"results that cannot be sent":           {mediaFile, "      poisonQueue\n      resultQueue\n    ]\n    containers", "      poisonQueue\n    ]\n    containers", "set queues of conversationAccess to [poisonQueue resultQueue]"},
	"a media app that writes rows":          {mediaFile, "    containers: [\n", "    tables: ['Messages']\n    containers: [\n", "set tables of conversationAccess to []"},
	"a media app with a role too many":      {mediaFile, "module vaultAccess", "module other 'storage-roles.bicep' = {}\n\nmodule vaultAccess", "remove other: the app needs roles"},
	"a trigger that cannot renew":           {dataRolesFile, "var triggerRole = roles['Storage Queue Data Contributor']", "var triggerRole = roles['Storage Queue Data Message Sender']", "triggerAssignment must give the role Storage Queue Data Contributor"},
	"another poison queue":                  {mediaFile, "'media-requests-poison'", "'media-poison'", "the name of requestQueue and -poison"},
	"poison that has no queue":              {mediaFile, "in [poisonQueue, resultQueue]", "in [resultQueue]", "create poisonQueue and resultQueue"},
	"requests in another queue":             {mediaFile, "var requestQueue = 'media-requests'", "var requestQueue = 'requests'", "queueNames lacks requests"},
	"a token in a setting":                  {mediaFile, "  MEDIA_META_TOKENS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=media-meta-tokens)'", "  MEDIA_META_TOKENS: 'token'", "set MEDIA_META_TOKENS of metaSettings"},
	"a token of every source":               {mediaFile, "usesMeta ? metaSettings : {}", "metaSettings", "merge usesMeta ? metaSettings : {}"},
	"a key beside an identity":              {mediaFile, "empty(acsEndpoint) ? acsKeySettings : acsIdentitySettings", "union(acsKeySettings, acsIdentitySettings)", "only if there is no endpoint"},
	"a vault that both apps read":           {mediaFile, "'media${uniqueString(", "'meta${uniqueString(", "must have a vault of its own"},
	"a media app without storage":           {mediaFile, "ConversationStorage__blobServiceUri:", "ConversationStorage__blobUri:", "set the setting ConversationStorage__blobServiceUri"},
	"files that are kept":                   {mainFile, "keepMediaDays == 0 ? [] : [{ name: mediaContainer, days: keepMediaDays }]", "media ? [{ name: mediaContainer, days: keepMediaDays }] : []", "deletedContainers lacks keepMediaDays"},
	"a lifecycle without a rule":            {mainFile, "for container in deletedContainers", "for container in []", "the lifecycle needs a rule for each"},
	"no alert on a refused token":           {alertsFile, "name: 'media-forbidden'", "name: 'media-refused'", "mediaAlerts lacks the alert media-forbidden"},
	"alerts on media that are off":          {mainFile, "    media: media\n", "    media: false\n", "pass media to the alerts"},
	"no log of queues for media":            {mainFile, "var watchesQueues = media || ", "var watchesQueues = ", "queueLogs must be there"},
	"sources published":                     {funcIgnoreFile, "handler\n", "", "func would publish handler/"},
	"ignored by git, published":             {gitIgnoreFile, "/dist/\n", "/dist/\n/notes/\n", "func would publish notes/x: add notes to .funcignore"},
	"the handler not published":             {funcIgnoreFile, "bin/devhost\n", "bin\n", "excludes bin/handler"},
	"a pattern that func reads differently": {funcIgnoreFile, "docs\n", "**/*.md\n", "write names and endings"},
	"a media app that is not published":     {mediaIgnoreFile, "*.go\n", "*.go\nbin\n", "excludes bin/media"},
	"sources of the media app published":    {mediaIgnoreFile, "transfer\n", "", "func would publish transfer/"},
	"the media app in the first app":        {funcIgnoreFile, "media\n", "", "func would publish media/"},
	"a native worker for media":             {mediaSettingsFile, `"custom"`, `"native"`, "media/local.settings.json: set FUNCTIONS_WORKER_RUNTIME"},
	"the media program elsewhere":           {mediaHostFile, `"bin/media"`, `"media"`, "media/host.json: set customHandler.description.defaultExecutablePath to bin/media"},
	"refused tokens that are sampled":       {mediaHostFile, `"Exception;Trace"`, `"Exception"`, "media/host.json: add Trace to"},
	"refused tokens that are not logged":    {mediaHostFile, `"Host.Function.Console": "Warning"`, `"Host.Function.Console": "None"`, "media/host.json: set logging.logLevel of Host.Function.Console"},
	"addresses of files logged":             {mediaHostFile, `"enableDependencyTracking": false`, `"enableDependencyTracking": true`, "media/host.json: set logging.applicationInsights.enableDependencyTracking"},
	"results in another queue":              {mediaFunctionFile, `"media-results"`, `"results"`, "mediaResults is bound to the queue results"},
	"requests of another connection":        {mediaFunctionFile, `"ConversationStorage"`, `"AzureWebJobsStorage"`, "set the connection of request to ConversationStorage"},
	"requests from another queue":           {mediaFunctionFile, `"media-requests"`, `"requests"`, "request is bound to the queue requests"},
	"a setting that the media app renamed":  {mediaConfigFile, "MEDIA_META_TOKENS", "MEDIA_TOKENS", "sets MEDIA_META_TOKENS, which media/config.go does not read"},
	"a list that is not JSON":               {subscriptionsFile, "{", "", subscriptionsFile},
	"a syntax error":                        {alertsFile, "groupShortName: ", "groupShortName = ", alertsFile + ":"},
}

func TestBrokenRulesAreFound(t *testing.T) {
	all := readProject(t, testkit.AppFolder(t))
	projects := edited(t, all, breakingEdits)
	neverBroken := allRules()
	for name, edit := range breakingEdits {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			broken := projects[name]
			for name, rule := range allRules() {
				if err := rule(broken); err != nil {
					text.WriteString(err.Error() + "\n")
					if strings.Contains(err.Error(), edit.want) {
						delete(neverBroken, name)
					}
				}
			}
			if !strings.Contains(text.String(), edit.want) {
				t.Errorf("no error contains %q: %s", edit.want, text.String())
			}
		})
	}
	for name := range neverBroken {
		t.Errorf("no edit breaks the rule %q", name)
	}
}

// Documented changes of an app break no rule.
func TestCustomisedAppsAreAccepted(t *testing.T) {
	shipped := readProject(t, repository)
	for name, change := range map[string]testkit.Edit{
		"statusUpdates added":        testkit.WithBinding("StatusTrigger", `{"type": "queue", "direction": "out", "name": "statusUpdates", "queueName": "status-updates", "connection": "ConversationStorage"}`),
		"failedMessages removed":     testkit.WithoutBinding("StatusTrigger", "failedMessages"),
		"messages go to Service Bus": testkit.Replace(messageFile, `"type": "queue"`, `"type": "serviceBus"`),
		"messages go to Event Hubs":  testkit.Replace(messageFile, `"type": "queue"`, `"type": "eventHub"`),
		"a connection of Service Bus": func(t testing.TB, files map[string]string) {
			testkit.WithoutBinding("StatusTrigger", "failedMessages")(t, files)
			testkit.WithBinding("StatusTrigger", `{"type": "serviceBus", "direction": "out", "name": "failedMessages", "queueName": "failed", "connection": "ServiceBus"}`)(t, files)
		},
	} {
		all := shipped.withApp(t, testkit.AppFolder(t, change))
		for rule, check := range allRules() {
			if err := check(all); err != nil {
				t.Errorf("%s: %s: %v", name, rule, err)
			}
		}
	}
}

// edited returns the project with each of the edits. The Bicep reader is
// started once for all of them.
func edited(t *testing.T, all project, edits map[string]edit) map[string]project {
	t.Helper()
	names := slices.Sorted(maps.Keys(edits))
	texts := make([]string, len(names))
	sources := make([]string, len(names))
	for i, name := range names {
		edit := edits[name]
		texts[i] = replace(t, all.text[edit.file], edit.old, edit.new)
		if slices.Contains(bicepFiles, edit.file) {
			sources[i] = texts[i]
		}
	}
	projects := map[string]project{}
	for i, read := range readBicep(t, sources...) {
		projects[names[i]] = all.with(edits[names[i]].file, texts[i], read)
	}
	return projects
}
