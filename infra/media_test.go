package infra

import (
	"regexp"
	"slices"
	"strings"
)

// mediaRules are about the second app, which downloads the files of messages.
var mediaRules = rules{
	"the media app is there only if it is wanted": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		p.require(file.find("media").Value == false && file.find("mediaApp").Condition == "(media)", "%s: create mediaApp only if the parameter media is true, which it is not without a value", mainFile)
		for name, want := range map[string]string{
			"app": "name", "account": "conversationStorage.name", "container": "mediaContainer", "insights": "insights.name",
			"usesMeta": "usesMeta", "usesAcs": "sources != 'meta'", "acsEndpoint": "mediaAcsEndpoint", "keyVault": "keyVault", "settings": "mediaSettings",
		} {
			p.require(file.find("mediaApp").text("params/"+name) == want, "%s: set %s of mediaApp to %s", mainFile, name, want)
		}
		p.require(source(all.bicep[mediaFile].find("name").Value) == "'${app}-media'",
			"%s: the name of the media app must be '${app}-media', as in the Makefile", mediaFile)
		return p.err()
	},

	"the media app has the roles that it needs, and no others": func(all project) error {
		var p problems
		file := all.bicep[mediaFile]
		access := file.find("conversationAccess")
		p.require(access.Type == "data-roles.bicep" && access.text("params/account") == "account" && access.text("params/principalId") == "site.outputs.principalId",
			"%s: conversationAccess must give the app's identity roles on account", mediaFile)
		for name, want := range map[string][]string{"triggerQueues": {"requestQueue"}, "queues": {"poisonQueue", "resultQueue"}, "containers": {"container"}, "tables": nil} {
			var got []string
			items, _ := at(access.Value, "params/"+name).([]any)
			for _, item := range items {
				got = append(got, source(item))
			}
			p.require(slices.Equal(got, want), "%s: set %s of conversationAccess to %v, not %v", mediaFile, name, want, got)
		}
		p.require(file.find("poisonQueue").literal() == file.find("requestQueue").literal()+"-poison",
			"%s: poisonQueue must be the name of requestQueue and -poison, as the host names it", mediaFile)
		for _, d := range file.Declarations {
			p.require(!strings.Contains(d.Type, "role") || d.Name == "conversationAccess" || d.Name == "vaultAccess",
				"%s: remove %s: the app needs roles on its queues, its container and its vault only", mediaFile, d.Name)
		}
		vault := file.find("vaultAccess")
		p.require(vault.Type == "vault-role.bicep" && vault.text("params/vault") == "vaultName" && vault.text("params/principalId") == "site.outputs.principalId" && vault.text("params/role") == "roles['Key Vault Secrets User']",
			"%s: vaultAccess must give the app's identity the role Key Vault Secrets User on the vault", mediaFile)
		return p.err()
	},

	// The handler's identity can read the vault of the first app, and no other.
	"tokens are references to the media app's own vault": func(all project) error {
		var p problems
		file := all.bicep[mediaFile]
		reference := regexp.MustCompile(`^'@Microsoft\.KeyVault\(VaultName=\$\{vaultName\};SecretName=media-[a-z-]+\)'$`)
		for variable, name := range map[string]string{"metaSettings": "MEDIA_META_TOKENS", "acsKeySettings": "MEDIA_ACS_CONNECTION_STRING"} {
			p.require(reference.MatchString(file.find(variable).text(name)), "%s: set %s of %s to a reference to a secret in the vault, without a version", mediaFile, name, variable)
		}
		p.require(source(file.find("acsSettings").Value) == "empty(acsEndpoint) ? acsKeySettings : acsIdentitySettings", "%s: acsSettings must be the connection string only if there is no endpoint", mediaFile)
		for _, use := range []string{"usesMeta ? metaSettings : {}", "usesAcs ? acsSettings : {}"} {
			p.require(strings.Contains(file.find("site").param("settings"), use), "%s: merge %s into the app settings", mediaFile, use)
		}
		p.require(file.find("vault").Condition == "(empty(keyVault))" && strings.Contains(source(file.find("newVaultName").Value), "'media${uniqueString("),
			"%s: without keyVault, the app must have a vault of its own", mediaFile)
		return p.err()
	},

	"the bindings of the media app name queues that are created": func(all project) error {
		function, err := decode[struct {
			Bindings []binding `json:"bindings"`
		}](all, mediaFunctionFile)
		if err != nil {
			return err
		}
		var p problems
		queues := map[string]string{"queueTrigger": all.bicep[mediaFile].find("requestQueue").literal(), "queue": all.bicep[mediaFile].find("resultQueue").literal()}
		p.require(len(function.Bindings) == len(queues), "%s: bind the trigger and the output mediaResults, and nothing else", mediaFunctionFile)
		for _, b := range function.Bindings {
			p.require(b.QueueName == queues[b.Type], "%s: %s is bound to the queue %s, but %s gives the app a role on %s", mediaFunctionFile, b.Name, b.QueueName, mediaFile, queues[b.Type])
			p.require(b.Connection == "ConversationStorage", "%s: set the connection of %s to ConversationStorage", mediaFunctionFile, b.Name)
		}
		for _, file := range []string{messageFile, webhookFile} {
			outputs, err := all.outputs(file)
			if err != nil {
				return err
			}
			for _, b := range outputs {
				p.require(b.Name != "mediaRequests" || b.QueueName == queues["queueTrigger"], "%s: mediaRequests writes to the queue %s, but the media app takes requests from %s", file, b.QueueName, queues["queueTrigger"])
			}
		}
		return p.err()
	},

	"the template sets settings that the media app reads": func(all project) error {
		var p problems
		for _, name := range regexp.MustCompile(`\bMEDIA_\w+`).FindAllString(all.text[mediaFile], -1) {
			p.require(strings.Contains(all.text[mediaConfigFile], `"`+name+`"`), "%s sets %s, which %s does not read", mediaFile, name, mediaConfigFile)
		}
		return p.err()
	},

	// The host names both queues, and the app the container, by these settings.
	"the media app reaches its queues and container": func(all project) error {
		var p problems
		file := all.bicep[mediaFile]
		requests := file.find("requestQueue").literal()
		p.require(slices.Contains(literals(all.bicep[mainFile].find("queueNames").Value), requests), "%s: queueNames lacks %s, which the first app writes to", mainFile, requests)
		p.require(file.find("conversationStorage::queues::queue").For == "queueName in [poisonQueue, resultQueue]", "%s: create poisonQueue and resultQueue: the app may not create queues", mediaFile)
		p.require(file.find("conversationStorage::blobs::files").text("name") == "container", "%s: create the container", mediaFile)
		settings := file.find("site")
		for name, want := range map[string]string{
			"MEDIA_CONTAINER":                      "container",
			"ConversationStorage__credential":      "'managedidentity'",
			"ConversationStorage__queueServiceUri": "conversationStorage.properties.primaryEndpoints.queue",
			"ConversationStorage__blobServiceUri":  "conversationStorage.properties.primaryEndpoints.blob",
		} {
			p.require(settings.text("params/settings/"+name) == want, "%s: set the setting %s to %s", mediaFile, name, want)
		}
		return p.err()
	},
}
