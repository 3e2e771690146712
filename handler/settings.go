package main

import (
	"strings"

	"whatsapp-functions/handler/conversation"
	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/meta"
	"whatsapp-functions/handler/worker"
)

// The variables of this app. Package worker reads those of every custom handler.
const (
	envMaxBody = "HANDLER_MAX_BODY_BYTES"
	envOptOut  = "HANDLER_OPT_OUT_WORDS"
	envNames   = "HANDLER_STORE_PROFILE_NAMES"

	envAppSecrets   = "META_APP_SECRETS"
	envVerifyToken  = "META_VERIFY_TOKEN"
	envSharedSecret = "WEBHOOK_SHARED_SECRET"
)

const (
	defaultOptOut = "STOP,STOP ALL,STOPALL,UNSUBSCRIBE,OPT OUT,OPT-OUT,OPTOUT,STOP PROMOTIONS,STOP MARKETING,STOP MESSAGES"

	defaultMaxBody = 16 << 20
	// The largest delivery of Event Grid is 1 MiB. The host sends every event
	// twice and escapes its quotes, so the body may have 4 MiB.
	leastMaxBody = 4 << 20
	// leastMaxBodyWebhook is for webhooks: infra/ lets the host accept 4 MiB, and
	// the host escapes every quote and backslash.
	leastMaxBodyWebhook = 9 << 20
	mostMaxBody         = 1 << 30
)

// readSettings reads the variables: the settings of the functions, and the maximum
// size of a request's body in bytes.
func readSettings(env *worker.Environment) (settings functions.Settings, maxBody int64) {
	secrets := meta.NewSecrets(env.Secret(envAppSecrets), env.Secret(envSharedSecret), env.Secret(envVerifyToken))
	least := int64(leastMaxBody)
	if secrets.Any() {
		least = leastMaxBodyWebhook
	}
	maxBody = env.Number(envMaxBody, defaultMaxBody, least, mostMaxBody)
	return functions.Settings{
		OptOut:           readOptOut(env),
		Secrets:          secrets,
		KeepProfileNames: env.Boolean(envNames, false),
	}, maxBody
}

func readOptOut(env *worker.Environment) conversation.OptOutWords {
	value := env.Text(envOptOut, defaultOptOut)
	words := conversation.NewOptOutWords(strings.Split(value, ","))
	if words.Empty() {
		env.Mistake("%s is '%s': write words separated by commas", envOptOut, value)
	}
	return words
}
