package functions

import (
	"encoding/json/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// infra/subscriptions.json decides which events Azure delivers to which function.
func TestSubscriptionsDeliverWhatFunctionsTake(t *testing.T) {
	text, err := os.ReadFile("../../infra/subscriptions.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Subscriptions []struct {
			EventType string `json:"eventType"`
			Function  string `json:"function"`
		} `json:"subscriptions"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	subscribed, taken := map[string][]string{}, map[string][]string{}
	for _, s := range file.Subscriptions {
		subscribed[s.Function] = append(subscribed[s.Function], s.EventType)
	}
	for _, c := range conversions {
		// The source of the events is at the first function.
		if name := c.functions[0]; name != WebhookTrigger {
			taken[name] = append(taken[name], c.eventType)
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
