package infra

import (
	"maps"
	"testing"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/advancedmessage"
	"whatsapp-functions/handler/status"
)

// functions are the handler's, with the event type that each takes.
var functions = map[string]string{
	advancedmessage.Name: acs.TypeMessageReceived,
	status.Name:          acs.TypeStatusUpdated,
}

// rules are what must hold, each with a check that says what to do where it
// does not.
type rules map[string]func(texts) error

func allRules() rules {
	all := rules{}
	for _, some := range []rules{subscriptionRules, storageRules, accessRules, runtimeRules, telemetryRules} {
		maps.Copy(all, some)
	}
	return all
}

func TestRules(t *testing.T) {
	all := readTexts(t)
	for name, rule := range allRules() {
		t.Run(name, func(t *testing.T) {
			if err := rule(all); err != nil {
				t.Error(err)
			}
		})
	}
}
