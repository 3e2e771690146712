package infra

import (
	"maps"
	"slices"
)

// subscriptionRules are about who gets which events, and how.
var subscriptionRules = rules{
	"every function has one subscription, to the type that it takes": func(all texts) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var w wrong
		var subscribed []string
		for _, s := range list {
			w.unless(!slices.Contains(subscribed, s.Function), "%s has two subscriptions for %s: each event would come twice, remove one", subscriptionsFile, s.Function)
			subscribed = append(subscribed, s.Function)
			if want, ok := functions[s.Function]; ok && s.EventType != want {
				w.say("%s: %s gets %q, but the handler takes %q there: write that", subscriptionsFile, s.Function, s.EventType, want)
			}
		}
		w.same(slices.Sorted(maps.Keys(functions)), subscribed,
			"%s has no subscription in "+subscriptionsFile+": no event would come to it, add one",
			"the handler has no function %s: remove its subscription from "+subscriptionsFile)
		return w.err()
	},

	// The host writes queue messages one by one while Event Grid waits for 30
	// seconds: larger batches would run into that.
	"subscriptions are as they are designed": func(all texts) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var w wrong
		for _, s := range list {
			w.unless(s.DeliverySchema == "CloudEventSchemaV1_0", "%s: %s: set deliverySchema to CloudEventSchemaV1_0", subscriptionsFile, s.Name)
			w.unless(s.MaxEventsPerBatch == 100, "%s: %s: set maxEventsPerBatch back to 100: the host writes a batch's queue messages one by one, and Event Grid waits for 30 seconds only", subscriptionsFile, s.Name)
			w.unless(s.PreferredBatchSizeInKilobytes == 64, "%s: %s: set preferredBatchSizeInKilobytes back to 64: Event Grid bills by 64 KB", subscriptionsFile, s.Name)
			w.unless(s.MaxDeliveryAttempts == 30 && s.EventTimeToLiveInMinutes == 1440, "%s: %s: set maxDeliveryAttempts to 30 and eventTimeToLiveInMinutes to 1440, the most that there is", subscriptionsFile, s.Name)
		}
		events := all.code(eventsFile)
		for _, member := range []string{
			"eventDeliverySchema: s.deliverySchema", "s.eventType", "maxEventsPerBatch: s.maxEventsPerBatch",
			"preferredBatchSizeInKilobytes: s.preferredBatchSizeInKilobytes", "maxDeliveryAttempts: s.maxDeliveryAttempts",
			"eventTimeToLiveInMinutes: s.eventTimeToLiveInMinutes", "blobContainerName: s.deadLetterContainer",
			"resourceId: '${site.id}/functions/${s.function}'", "endpointType: 'AzureFunction'",
			"var subscriptions = loadJsonContent('subscriptions.json').subscriptions",
		} {
			w.unless(has(events, member), "%s lacks the line %q: subscriptions are written down once, in %s", eventsFile, member, subscriptionsFile)
		}
		return w.err()
	},
}
