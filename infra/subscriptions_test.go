package infra

import (
	"slices"
	"strings"
)

// subscriptionRules are about which events are delivered, where and how.
var subscriptionRules = rules{
	"every function has one subscription, to the event type that it takes": func(all project) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var p problems
		var subscribed []string
		for _, s := range list {
			p.require(!slices.Contains(subscribed, s.Function), "%s has two subscriptions for %s, which would get each event twice: remove one", subscriptionsFile, s.Function)
			subscribed = append(subscribed, s.Function)
			want, ok := eventTypes[s.Function]
			p.require(ok, "%s: the handler has no function %s: remove its subscription", subscriptionsFile, s.Function)
			p.require(!ok || s.EventType == want, "%s: %s gets %q, but takes %q: subscribe to that", subscriptionsFile, s.Function, s.EventType, want)
		}
		for function := range eventTypes {
			p.require(slices.Contains(subscribed, function), "%s: add a subscription for %s, which would get no event", subscriptionsFile, function)
		}
		return p.err()
	},

	// The host writes queue messages one by one while Event Grid waits for 30
	// seconds: larger batches would time out.
	"subscriptions have the designed limits": func(all project) error {
		list, err := all.subscriptions()
		if err != nil {
			return err
		}
		var p problems
		for _, s := range list {
			p.require(s.DeliverySchema == "CloudEventSchemaV1_0", "%s: %s: set deliverySchema to CloudEventSchemaV1_0", subscriptionsFile, s.Name)
			p.require(s.MaxEventsPerBatch == 100, "%s: %s: set maxEventsPerBatch to 100: the host writes a batch's queue messages one by one, and Event Grid waits for 30 seconds only", subscriptionsFile, s.Name)
			p.require(s.PreferredBatchSizeInKilobytes == 64, "%s: %s: set preferredBatchSizeInKilobytes to 64: Event Grid bills by 64 KB", subscriptionsFile, s.Name)
			p.require(s.MaxDeliveryAttempts == 30 && s.EventTimeToLiveInMinutes == 1440, "%s: %s: set maxDeliveryAttempts to 30 and eventTimeToLiveInMinutes to 1440, Event Grid's maximum", subscriptionsFile, s.Name)
		}
		return p.err()
	},

	"subscriptions.json is the only list": func(all project) error {
		var p problems
		events := all.bicep[subscribeFile]
		subscription := events.find("eventSubscription")
		p.require(source(events.find("subscriptions").Value) == "loadJsonContent('subscriptions.json').subscriptions" && subscription.For == "s in subscriptions",
			"%s: create one subscription for each element of %s", subscribeFile, subscriptionsFile)
		for path, want := range map[string]string{
			"eventDeliverySchema":                                                               "s.deliverySchema",
			"destination/endpointType":                                                          "'AzureFunction'",
			"destination/properties/resourceId":                                                 "'${siteId}/functions/${s.function}'",
			"destination/properties/maxEventsPerBatch":                                          "s.maxEventsPerBatch",
			"destination/properties/preferredBatchSizeInKilobytes":                              "s.preferredBatchSizeInKilobytes",
			"retryPolicy/maxDeliveryAttempts":                                                   "s.maxDeliveryAttempts",
			"retryPolicy/eventTimeToLiveInMinutes":                                              "s.eventTimeToLiveInMinutes",
			"deadLetterWithResourceIdentity/deadLetterDestination/properties/blobContainerName": "s.deadLetterContainer",
		} {
			p.require(subscription.text("properties/"+path) == want, "%s: set %s to %s: %s has the values", subscribeFile, strings.ReplaceAll(path, "/", "."), want, subscriptionsFile)
		}
		types, _ := at(subscription.Value, "properties/filter/includedEventTypes").([]any)
		p.require(len(types) == 1 && source(types[0]) == "s.eventType", "%s: set filter.includedEventTypes to [s.eventType]", subscribeFile)
		return p.err()
	},

	// Writing the topic again would remove its tags and identities.
	"a topic that exists is not changed": func(all project) error {
		var p problems
		topic := all.bicep[eventsFile].find("topic")
		p.require(topic.Existing && all.bicep[subscribeFile].find("topic").Existing, "%s and %s: topic must be existing", eventsFile, subscribeFile)
		p.require(all.bicep[subscribeFile].find("eventSubscription").text("parent") == "topic" && all.bicep[eventsFile].find("eventSubscriptions").text("params/systemTopic") == "topicName",
			"%s: subscriptions must belong to topic, whose name is topicName", subscribeFile)
		for _, d := range all.bicep[eventsFile].ofType("Microsoft.EventGrid/systemTopics") {
			p.require(d.Existing || d.Condition == "(empty(systemTopic))", "%s: create %s only if systemTopic is empty", eventsFile, d.Name)
		}
		return p.err()
	},

	// Otherwise a second app takes over the first one's events, and the first one's
	// alerts are raised for the second.
	"several apps can share a topic": func(all project) error {
		var p problems
		name := all.bicep[subscribeFile].find("eventSubscription").text("name")
		p.require(name == "'${app}-${s.name}'" && all.bicep[eventsFile].find("eventSubscriptions").text("params/app") == "name",
			"%s: the names of subscriptions must start with the app's", subscribeFile)
		criteria, _ := at(all.bicep[eventsFile].find("topicAlert").Value, "properties/criteria/allOf").([]any)
		p.require(len(criteria) == 1, "%s: topicAlert must have one criterion", eventsFile)
		for _, criterion := range criteria {
			dimensions, _ := at(criterion, "dimensions").([]any)
			p.require(len(dimensions) == 1 && at(dimensions[0], "name") == "EventSubscriptionName" && strings.Contains(source(at(dimensions[0], "values")), "'${name}-${s.name}'"),
				"%s: topicAlert must only look at this app's subscriptions", eventsFile)
		}
		return p.err()
	},
}
