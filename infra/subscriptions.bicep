// The event subscriptions of one app. A module, because a topic may be in another
// resource group than the app, and subscriptions are in the topic's.

@description('The name of the app, in lower case: the subscriptions\' names start with it, so that several apps can share a topic.')
@minLength(2)
param app string

@description('The name of the system topic, in this resource group.')
@minLength(1)
param systemTopic string

@description('The resource id of the function app.')
@minLength(1)
param siteId string

@description('The resource id of the storage account that holds the dead letters.')
@minLength(1)
param storageId string

var subscriptions = loadJsonContent('subscriptions.json').subscriptions

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: systemTopic
}

resource eventSubscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [
  for s in subscriptions: {
    parent: topic
    name: '${app}-${s.name}'
    properties: {
      eventDeliverySchema: s.deliverySchema
      filter: {
        includedEventTypes: [
          s.eventType
        ]
      }
      destination: {
        endpointType: 'AzureFunction'
        properties: {
          resourceId: '${siteId}/functions/${s.function}'
          maxEventsPerBatch: s.maxEventsPerBatch
          preferredBatchSizeInKilobytes: s.preferredBatchSizeInKilobytes
        }
      }
      retryPolicy: {
        maxDeliveryAttempts: s.maxDeliveryAttempts
        eventTimeToLiveInMinutes: s.eventTimeToLiveInMinutes
      }
      deadLetterWithResourceIdentity: {
        identity: {
          type: 'SystemAssigned'
        }
        deadLetterDestination: {
          endpointType: 'StorageBlob'
          properties: {
            resourceId: storageId
            blobContainerName: s.deadLetterContainer
          }
        }
      }
    }
  }
]
