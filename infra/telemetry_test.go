package infra

import (
	"strings"
)

// telemetryRules are about what is logged and who looks at it.
var telemetryRules = rules{
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
}
