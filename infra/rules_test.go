package infra

import (
	"maps"
	"testing"

	"whatsapp-functions/handler/acs"
	"whatsapp-functions/handler/functions"
)

// eventTypes maps the handler's functions to the event type that each takes.
var eventTypes = map[string]string{
	functions.AdvancedMessageTrigger: acs.TypeMessageReceived,
	functions.StatusTrigger:          acs.TypeStatusUpdated,
}

// rules check the project. The error of a check says how to fix the problem.
type rules map[string]func(project) error

func allRules() rules {
	all := rules{}
	for _, some := range []rules{bicepRules, subscriptionRules, storageRules, accessRules, runtimeRules, sourceRules, telemetryRules, mediaRules} {
		maps.Copy(all, some)
	}
	return all
}

func TestRules(t *testing.T) {
	all := readProject(t, repository)
	for name, rule := range allRules() {
		t.Run(name, func(t *testing.T) {
			if err := rule(all); err != nil {
				t.Error(err)
			}
		})
	}
}
