package infra

import (
	"regexp"
	"slices"
	"strings"
)

// storageRules are about what the functions write to. They accept the documented
// changes of function.json: the optional output statusUpdates, an output that is
// removed, and a queue output that goes to Service Bus or Event Hubs. The
// connection of those is given with the parameter settings.
var storageRules = rules{
	"everything that function.json names is created": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		created := map[string][]string{
			"queue": literals(file.find("queueNames").Value),
			"table": literals(file.find("tableNames").Value),
		}
		for _, container := range file.ofType("containers") {
			created["container"] = append(created["container"], literals([]any{file.find(container.text("name")).Value})...)
		}
		names := slices.Sorted(slices.Values(created["queue"]))
		p.require(len(names) == len(slices.Compact(names)), "%s: queueNames has a queue twice: Azure refuses the deployment", mainFile)
		settings, _ := at(file.find("site").Value, "params/settings").(map[string]any)
		for _, function := range []string{messageFile, statusFile, webhookFile} {
			outputs, err := all.outputs(function)
			if err != nil {
				return err
			}
			for _, b := range outputs {
				var kind, name string
				switch b.Type {
				case "queue":
					kind, name = "queue", b.QueueName
				case "table":
					kind, name = "table", b.TableName
				case "blob":
					kind = "container"
					name, _, _ = strings.Cut(b.Path, "/")
				default:
					continue
				}
				p.require(slices.Contains(created[kind], name), "%s: the output %s writes to the %s %s, which %s does not create: add it there", function, b.Name, kind, name, mainFile)
				setting := b.Connection + "__" + b.Type + "ServiceUri"
				p.require(settings[setting] != nil, "%s: the output %s uses the connection %q, but %s has no app setting %s: add it", function, b.Name, b.Connection, mainFile, setting)
			}
		}
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		for _, s := range list {
			p.require(slices.Contains(created["container"], s.DeadLetterContainer), "%s: %s needs the container %s, which %s does not create: add it there", subscriptionsFile, s.Name, s.DeadLetterContainer, mainFile)
		}
		return p.err()
	},

	"old rejected events and dead letters are deleted": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		policy, _ := at(file.find("conversationStorage::lifecycle").Value, "properties/policy").(map[string]any)
		loop, _ := policy["rules"].(map[string]any)
		rule := loop["each"]
		p.require(loop["for"] == "container in deletedContainers" && source(at(rule, "definition/actions/baseBlob/delete/daysAfterModificationGreaterThan")) == "container.days",
			"%s: the lifecycle needs a rule for each of deletedContainers", mainFile)
		deleted := source(file.find("deletedContainers").Value)
		for _, container := range []string{"{ name: rejectedContainer, days: keepRejectedDays }", "{ name: deadLetterContainer, days: keepRejectedDays }", "keepMediaDays == 0 ? [] : [{ name: mediaContainer, days: keepMediaDays }]"} {
			p.require(strings.Contains(deleted, container), "%s: deletedContainers lacks %s: these blobs hold personal data, and nothing else deletes them", mainFile, container)
		}
		return p.err()
	},

	"both stages use the same names": func(all project) error {
		var p problems
		for _, pair := range []struct {
			file, first, second string
		}{
			{mainFile, "conversationStorage", "conversationStorage"},
			{mainFile, "alerts", "actionGroup"},
		} {
			first, second := all.bicep[pair.file].find(pair.first).text("name"), all.bicep[eventsFile].find(pair.second).text("name")
			p.require(first != "" && first == second, "the name of %s is %s in %s, and of %s %s in %s: the second stage finds by name what the first created", pair.first, first, pair.file, pair.second, second, eventsFile)
		}
		p.require(all.bicep[mainFile].find("site").text("params/name") == "name" && all.bicep[appFile].find("site").text("name") == "name" && all.bicep[eventsFile].find("site").text("name") == "name",
			"%s: the site must have the name name: the second stage finds it by name", mainFile)
		p.require(all.bicep[alertsFile].find("actionGroup").text("name") == "'${app}-alerts'" && all.bicep[mainFile].find("alerts").text("params/app") == "name",
			"%s: the action group must have the name '${app}-alerts', where app is the variable name of %s", alertsFile, mainFile)
		return p.err()
	},

	"the site waits for its deployment container": func(all project) error {
		var p problems
		value := all.bicep[appFile].find("site").text("properties/functionAppConfig/deployment/storage/value")
		p.require(regexp.MustCompile(`\$\{hostStorage::blobs::deployments\.name\}'$`).MatchString(value), "%s: end the site's deployment storage with ${hostStorage::blobs::deployments.name}: the site may come before its container otherwise", appFile)
		return p.err()
	},
}

// literals returns the strings in an array.
func literals(value any) (values []string) {
	items, _ := value.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok {
			values = append(values, text)
		}
	}
	return values
}
