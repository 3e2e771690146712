package infra

import (
	"maps"
	"slices"
	"strings"

	"whatsapp-functions/handler/functions"
)

// hostLogging is the section logging of host.json.
type hostLogging struct {
	Logging struct {
		LogLevel            map[string]string `json:"logLevel"`
		ApplicationInsights struct {
			EnableDependencyTracking *bool `json:"enableDependencyTracking"`
			SamplingSettings         struct {
				ExcludedTypes string `json:"excludedTypes"`
			} `json:"samplingSettings"`
		} `json:"applicationInsights"`
	} `json:"logging"`
}

// telemetryRules are about what is logged, how long it is kept, and alerts.
var telemetryRules = rules{
	"no address of a request is logged: keys of rows hold phone numbers": func(all project) error {
		var p problems
		for _, file := range []string{hostFile, mediaHostFile} {
			host, err := decode[hostLogging](all, file)
			if err != nil {
				return err
			}
			tracking := host.Logging.ApplicationInsights.EnableDependencyTracking
			p.require(tracking != nil && !*tracking, "%s: set logging.applicationInsights.enableDependencyTracking to false: it logs the addresses of requests, which may hold phone numbers", file)
		}
		return p.err()
	},

	"every rejection is recorded, and a written event costs one sampled item": func(all project) error {
		// The handler's Logs, which it writes only when something is rejected.
		handlers := append(slices.Collect(maps.Keys(eventTypes)), functions.WebhookTrigger)
		var p problems
		for file, own := range map[string][]string{hostFile: handlers, mediaHostFile: nil} {
			host, err := decode[hostLogging](all, file)
			if err != nil {
				return err
			}
			for category, level := range map[string]string{
				"default": "Warning",
				// Completion lines of events that were written are informational.
				"Host.Function.Console": "Warning",
				// The alert on failed invocations reads requests.
				"Host.Results": "Information",
				// The blob extension looks for a blob before it writes one: two
				// warnings for each rejected event.
				"Azure.Core": "Error",
			} {
				p.require(host.Logging.LogLevel[category] == level, "%s: set logging.logLevel of %s to %s", file, category, level)
			}
			for _, function := range own {
				category := "Function." + function + ".User"
				p.require(host.Logging.LogLevel[category] == "Information", "%s: set logging.logLevel of %s to Information", file, category)
			}
			excluded := strings.Split(host.Logging.ApplicationInsights.SamplingSettings.ExcludedTypes, ";")
			for _, kind := range []string{"Exception", "Trace"} {
				p.require(slices.Contains(excluded, kind), "%s: add %s to logging.applicationInsights.samplingSettings.excludedTypes: sampled lines raise no alert", file, kind)
			}
		}
		return p.err()
	},

	"the alerts are there": func(all project) error {
		var p problems
		names := func(file, variable, property string) (values []string) {
			items, _ := all.bicep[file].find(variable).Value.([]any)
			for _, item := range items {
				values = append(values, literals([]any{at(item, property)})...)
			}
			return values
		}
		for variable, alerts := range map[string][]string{
			"handlerAlerts":  {"rejected", "message-failures", "function-failures"},
			"webhookAlerts":  {"webhook-refused"},
			"consumerAlerts": {"consumer-stopped"},
			"poisonAlerts":   {"poison"},
			"mediaAlerts":    {"media-forbidden", "media-waiting"},
		} {
			for _, name := range alerts {
				p.require(slices.Contains(names(alertsFile, variable, "name"), name), "%s: %s lacks the alert %s", alertsFile, variable, name)
			}
		}
		sum, _ := all.bicep[alertsFile].find("logAlerts").Value.(map[string]any)
		var groups []string
		args, _ := sum["args"].([]any)
		for _, arg := range args {
			groups = append(groups, source(arg))
		}
		p.require(slices.Equal(groups, []string{"handlerAlerts", "webhook ? webhookAlerts : []", "empty(consumedQueues) ? [] : consumerAlerts", "media || !empty(consumedQueues) ? poisonAlerts : []", "media ? mediaAlerts : []"}),
			"%s: logAlerts must have all alerts: those of the webhook, of consumers and of media only if there are any, and poison with each of the last two", alertsFile)
		p.require(all.bicep[mainFile].find("alerts").text("params/media") == "media", "%s: pass media to the alerts", mainFile)
		for _, metric := range []string{"DeliveryAttemptFailCount", "DeadLetteredCount", "DroppedEventCount"} {
			p.require(slices.Contains(names(eventsFile, "topicAlerts", "metric"), metric), "%s lacks an alert on %s: events would be lost unnoticed", eventsFile, metric)
		}
		failures := all.bicep[alertsFile].find("webhookFailures")
		p.require(failures.Condition == "(webhook)" && strings.Contains(all.bicep[mainFile].find("alerts").text("params/webhook"), "usesMeta"), "%s: webhookFailures must be there if Meta is a source", alertsFile)
		return p.err()
	},

	// Azure Monitor refuses other aggregations of this metric, and has one value
	// a day: a shorter window would be empty most of the time.
	"the queue alert uses what the metric offers": func(all project) error {
		var p problems
		alert := all.bicep[alertsFile].find("queueLength")
		criteria, _ := at(alert.Value, "properties/criteria/allOf").([]any)
		p.require(len(criteria) == 1, "%s: queueLength must have one criterion", alertsFile)
		for _, criterion := range criteria {
			p.require(at(criterion, "metricName") == "QueueMessageCount" && at(criterion, "timeAggregation") == "Average", "%s: queueLength must use the Average of QueueMessageCount", alertsFile)
		}
		p.require(alert.text("properties/windowSize") == "'P1D'", "%s: set windowSize of queueLength to P1D: Azure refreshes the metric once a day", alertsFile)
		return p.err()
	},

	"a deployment without an address says so": func(all project) error {
		var p problems
		p.require(strings.HasPrefix(source(all.bicep[mainFile].find("ALERTS").Value), "empty(alertEmail) ? 'nobody"), "%s: the output ALERTS must say if alerts reach nobody", mainFile)
		return p.err()
	},

	// Three of the log alerts read the queues' log.
	"the queues' log has what the alerts read": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		p.require(source(file.find("watchesQueues").Value) == "media || !empty(consumedQueues)" && strings.Contains(file.find("queueLogs").Condition, "watchesQueues") && file.find("queueLogs").text("scope") == "conversationStorage::queues",
			"%s: queueLogs must be there if there are consumedQueues or a media app", mainFile)
		logs, _ := at(file.find("queueLogs").Value, "properties/logs").([]any)
		for _, category := range []string{"StorageWrite", "StorageDelete"} {
			p.require(slices.ContainsFunc(logs, func(log any) bool {
				return at(log, "category") == category && source(at(log, "enabled")) == "watchesQueues"
			}), "%s: queueLogs must have %s if there are consumedQueues or a media app", mainFile, category)
		}
		for _, name := range []string{"tableLogs", "blobLogs"} {
			p.require(file.find(name).Condition == "(logReads)", "%s: %s must be there only with logReads: addresses of rows hold phone numbers", mainFile, name)
		}
		return p.err()
	},

	"logs are kept for keepLogsDays": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		p.require(file.find("logs").text("properties/retentionInDays") == "keepLogsDays", "%s: set retentionInDays of logs to keepLogsDays", mainFile)
		tables := file.find("retention")
		p.require(tables.text("properties/retentionInDays") == "keepLogsDays" && tables.text("properties/totalRetentionInDays") == "keepLogsDays",
			"%s: set both retentions of the tables to keepLogsDays: without, they keep 90 days", mainFile)
		for _, table := range []string{"AppTraces", "AppRequests", "AppExceptions", "AppMetrics", "AppDependencies", "AppPerformanceCounters"} {
			p.require(strings.Contains(tables.For, "'"+table+"'"), "%s: set the retention of the table %s too", mainFile, table)
		}
		return p.err()
	},
}
