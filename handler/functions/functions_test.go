package functions

import (
	"encoding/json/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// infra/subscriptions.json decides which events Azure delivers to which function, and
// to which function redeliver delivers the others.
func TestSubscriptionsDeliverWhatFunctionsTake(t *testing.T) {
	text, err := os.ReadFile("../../infra/subscriptions.json")
	if err != nil {
		t.Fatal(err)
	}
	type route struct {
		EventType string `json:"eventType"`
		Function  string `json:"function"`
	}
	var file struct {
		Subscriptions []route `json:"subscriptions"`
		Redelivered   []route `json:"redelivered"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	subscribed, taken := map[string][]string{}, map[string][]string{}
	for _, s := range append(file.Subscriptions, file.Redelivered...) {
		subscribed[s.Function] = append(subscribed[s.Function], s.EventType)
	}
	for _, name := range names() {
		if name != WebhookTrigger {
			taken[name] = EventTypes(name)
		}
	}
	for _, types := range [...]map[string][]string{taken, subscribed} {
		for _, list := range types {
			slices.Sort(list)
		}
	}
	if diff := cmp.Diff(taken, subscribed); diff != "" {
		t.Errorf("the functions take (-) and infra/subscriptions.json delivers (+):\n%s", diff)
	}
}

func TestUnexpectedType(t *testing.T) {
	for eventType, want := range map[string]string{
		"Microsoft.Communication.AdvancedMessageReceived": "Microsoft.Communication.AdvancedMessageReceived belongs to the function AdvancedMessageTrigger: correct the event subscription",
		"microsoft.communication.advancedmessagereceived": "Microsoft.Communication.AdvancedMessageReceived belongs to the function AdvancedMessageTrigger: correct the event subscription",
		"Meta.WhatsApp.MessageReceived":                   "Meta.WhatsApp.MessageReceived belongs to the function WebhookTrigger or AdvancedMessageTrigger: correct the event subscription",
		"B":                                               "no function of this app takes B: narrow the event subscription to the types it needs",
	} {
		if got := unexpected(eventType); got != want {
			t.Errorf("%s: got %q, want %q", eventType, got, want)
		}
	}
}
