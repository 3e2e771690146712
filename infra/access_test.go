package infra

import (
	"regexp"
	"slices"
	"strings"
)

var (
	roleUse = regexp.MustCompile(`roles\['([^']*)'\]`)
	guid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	keyUse  = regexp.MustCompile(`(?i)listKeys|AccountKey|listAccountSas|listServiceSas|SharedAccess|instrumentationKey|systemKeys|StorageAccountConnectionString`)
)

// accessRules are about who may do what.
var accessRules = rules{
	"roles are known, and given by name": func(all project) error {
		known := map[string]string{
			"Key Vault Secrets User":            "4633458b-17de-408a-875b-0445a86b69e6",
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
		var p problems
		for name, id := range roles {
			p.require(known[name] == id, "%s: %q is not the id of %s: look it up in Azure's list of built-in roles, and write it here too if the role is new", rolesFile, id, name)
		}
		for file, d := range all.declared {
			walk("", d.Value, func(_ string, value any) {
				for _, use := range roleUse.FindAllStringSubmatch(source(value), -1) {
					p.require(roles[use[1]] != "", "%s: %s uses the role %q, which is not in %s: add it with its id", file, d.Name, use[1], rolesFile)
				}
				if id := guid.FindString(source(value)); id != "" {
					p.require(false, "%s: %s has the id %s: give roles by name, with their ids in %s", file, d.Name, id, rolesFile)
				}
			})
		}
		return p.err()
	},

	"the app has the roles that it needs": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		host := all.bicep[appFile].find("hostAccess")
		p.require(host.Type == "storage-roles.bicep" && host.text("params/account") == "hostStorage.name" && host.text("params/principalId") == "site.identity.principalId",
			"%s: hostAccess must give the site's identity roles on hostStorage.name", appFile)
		given, _ := at(host.Value, "params/roles").([]any)
		for _, role := range []string{"Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor"} {
			p.require(slices.ContainsFunc(given, func(v any) bool { return source(v) == "roles['"+role+"']" }), "%s: hostAccess lacks the role %s: the host could not write", appFile, role)
		}
		outputs := file.find("conversationAccess")
		p.require(outputs.Type == "data-roles.bicep" && outputs.text("params/account") == "conversationStorage.name" && outputs.text("params/principalId") == "site.outputs.principalId",
			"%s: conversationAccess must give the site's identity roles on conversationStorage.name", mainFile)
		p.require(outputs.text("params/queues") == "queueNames" && outputs.text("params/tables") == "tableNames", "%s: conversationAccess must give roles on queueNames and tableNames", mainFile)
		containers, _ := at(outputs.Value, "params/containers").([]any)
		p.require(len(containers) == 1 && source(containers[0]) == "rejectedContainer", "%s: conversationAccess must give a role on rejectedContainer only", mainFile)
		for kind, role := range map[string]string{"trigger": "Storage Queue Data Contributor", "queue": "Storage Queue Data Message Sender", "table": "Storage Table Data Contributor", "container": "Storage Blob Data Contributor"} {
			assignment := all.bicep[dataRolesFile].find(kind + "Assignment")
			p.require(assignment.text("scope") == kind+"[i]", "%s: the scope of %s must be one %s, not the account", dataRolesFile, assignment.Name, kind)
			use, _ := at(assignment.Value, "name").(map[string]any)
			args, _ := use["args"].([]any)
			p.require(len(args) == 3 && source(all.bicep[dataRolesFile].find(source(args[2])).Value) == "roles['"+role+"']", "%s: %s must give the role %s", dataRolesFile, assignment.Name, role)
		}
		insights := all.bicep[appFile].find("insightsAccess")
		p.require(insights.Type == "insights-role.bicep" && insights.text("params/insights") == "insights" && insights.text("params/principalId") == "site.identity.principalId",
			"%s: the app has no role on Application Insights, which accepts identities only: add it", appFile)
		events := all.bicep[eventsFile]
		p.require(at(all.bicep[subscribeFile].find("eventSubscription").Value, "properties/deadLetterWithResourceIdentity") != nil, "%s: dead letters must be written with the topic's identity: the account accepts no keys", subscribeFile)
		dead := events.find("deadLetterAccess")
		p.require(dead.Type == "data-roles.bicep" && dead.text("params/principalId") == "topic.identity.principalId" && strings.Contains(dead.text("params/containers"), "s.deadLetterContainer"),
			"%s: the topic's identity needs a role to write dead letters", eventsFile)
		return p.err()
	},

	// An identity that was deleted and created again has another principal. An
	// assignment of the same name for it is refused.
	"the name of a role assignment depends on the principal": func(all project) error {
		var p problems
		count := 0
		for _, file := range bicepFiles {
			for _, d := range all.bicep[file].ofType("Microsoft.Authorization/roleAssignments") {
				count++
				name, _ := at(d.Value, "name").(map[string]any)
				args, _ := name["args"].([]any)
				p.require(name["call"] == "guid" && slices.ContainsFunc(args, func(v any) bool { return source(v) == d.text("properties/principalId") }),
					"%s: the name of %s must be a guid of the scope, the principal and the role", file, d.Name)
			}
		}
		p.require(count > 0, "no Bicep file assigns a role")
		return p.err()
	},

	"nothing is reached with a key": func(all project) error {
		var p problems
		accounts := 0
		for file, d := range all.declared {
			walk("", d.Value, func(key string, value any) {
				if use := keyUse.FindString(key + " " + source(value)); use != "" {
					p.require(false, "%s: %s uses %s: use an identity and a role, and remove the key", file, d.Name, use)
				}
			})
		}
		for file, account := range all.declared {
			if kind, _, _ := strings.Cut(account.Type, "@"); kind != "Microsoft.Storage/storageAccounts" || account.Existing {
				continue
			}
			accounts++
			for property, want := range map[string]string{"allowSharedKeyAccess": "false", "allowBlobPublicAccess": "false", "minimumTlsVersion": "'TLS1_2'", "supportsHttpsTrafficOnly": "true"} {
				p.require(account.text("properties/"+property) == want, "%s: set %s of %s to %s", file, property, account.Name, want)
			}
		}
		p.require(accounts == 2, "%d storage accounts are created: one is for the outputs, and one for the Functions host of each app", accounts)
		p.require(all.bicep[mainFile].find("insights").text("properties/DisableLocalAuth") == "true", "%s: set DisableLocalAuth of insights to true: otherwise everyone with its connection string can log", mainFile)
		p.require(all.bicep[appFile].find("site").text("properties/httpsOnly") == "true", "%s: set httpsOnly of the site to true", appFile)
		return p.err()
	},
}
