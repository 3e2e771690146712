package infra

import (
	"fmt"
	"strings"
)

// storageRules are about what the functions write to.
var storageRules = rules{
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
}
