package infra

import (
	"regexp"
	"strings"
)

// accessRules are about who may do what.
var accessRules = rules{
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
}
