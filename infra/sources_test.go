package infra

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// sourceRules are about Meta's Cloud API as a source of events.
var sourceRules = rules{
	"the webhook is disabled unless Meta is a source": func(all project) error {
		var p problems
		file := all.bicep[mainFile]
		p.require(fmt.Sprint(file.find("sources").Decorators["allowed"]) == "[[acs meta both]]" && file.find("sources").Value == "acs", "%s: the parameter sources must be acs, meta or both, and acs without a value", mainFile)
		p.require(source(file.find("usesMeta").Value) == "sources != 'acs'", "%s: set var usesMeta = sources != 'acs'", mainFile)
		settings := file.find("site")
		p.require(settings.text("params/settings/AzureWebJobs_WebhookTrigger_Disabled") == "usesMeta ? '0' : '1'", "%s: set the setting AzureWebJobs_WebhookTrigger_Disabled to usesMeta ? '0' : '1': an app without Meta must have no public endpoint", mainFile)
		walk("", settings.Value, func(key string, _ any) {
			p.require(!strings.HasSuffix(key, "_Disabled") || key == "AzureWebJobs_WebhookTrigger_Disabled", "%s: remove the setting %s: redeliver brings Meta's events back through the Event Grid functions too", mainFile, key)
			p.require(!strings.HasPrefix(key, "AzureWebJobs.") && !strings.Contains(key, "."), "%s: write %s with underscores: Linux has no dots in the names of environment variables", mainFile, key)
		})
		return p.err()
	},

	// Everyone may post to the webhook. One JSON string of 16 MB cost the host 94 s
	// of processor time.
	"long request bodies are refused before they are read": func(all project) error {
		var p problems
		p.require(all.bicep[mainFile].find("site").text("params/settings/FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") == "'4194304'", "%s: set FUNCTIONS_REQUEST_BODY_SIZE_LIMIT to '4194304': Meta sends at most 3 MB, and the time for a long string grows with the square of its length", mainFile)
		return p.err()
	},

	"Meta's secrets are references to a Key Vault": func(all project) error {
		known, err := decode[[]string](all, handlerFile)
		if err != nil {
			return err
		}
		var p problems
		file := all.bicep[mainFile]
		reference := regexp.MustCompile(`^'@Microsoft\.KeyVault\(VaultName=\$\{vaultName\};SecretName=[a-z-]+\)'$`)
		for variable, names := range map[string][]string{
			"metaSettings":         {"META_APP_SECRETS", "META_VERIFY_TOKEN"},
			"sharedSecretSettings": {"WEBHOOK_SHARED_SECRET"},
		} {
			for _, name := range names {
				p.require(slices.Contains(known, name), "%s: %s sets %s, which is not a setting of the handler: %s lists them", mainFile, variable, name, handlerFile)
				p.require(reference.MatchString(file.find(variable).text(name)), "%s: set %s of %s to a reference to a secret in the vault, without a version", mainFile, name, variable)
			}
			p.require(strings.Contains(file.find("site").param("settings"), variable+" : {}"), "%s: merge %s into the app settings if Meta is a source", mainFile, variable)
		}
		for file, d := range all.declared {
			p.require(!strings.HasPrefix(d.Type, "Microsoft.KeyVault/vaults/secrets"), "%s: remove %s: the history of deployments would keep the secret", file, d.Name)
			p.require(d.Kind != "parameter" || d.Decorators["secure"] == nil, "%s: remove the secret parameter %s: set secrets with az keyvault secret set", file, d.Name)
		}
		p.require(file.find("vault").Condition == "(usesMeta && empty(keyVault))", "%s: create the vault only if Meta is a source and no vault is given", mainFile)
		vault := all.bicep[vaultFile].find("vault")
		p.require(vault.text("properties/enableRbacAuthorization") == "true", "%s: set enableRbacAuthorization of the vault to true", vaultFile)
		p.require(vault.text("properties/enablePurgeProtection") == "true", "%s: set enablePurgeProtection of the vault to true", vaultFile)
		access := file.find("vaultAccess")
		p.require(access.Type == "vault-role.bicep" && access.Condition == "(usesMeta)" && access.text("params/vault") == "vaultName" &&
			access.text("params/principalId") == "site.outputs.principalId" && access.text("params/role") == "roles['Key Vault Secrets User']",
			"%s: vaultAccess must give the site's identity the role Key Vault Secrets User on the vault", mainFile)
		return p.err()
	},
}
