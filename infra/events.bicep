// The second stage: Event Grid. A subscription can only be made once its
// function is there, so this comes after the code.
//
//   make subscribe APP=<app> RG=<group> ACS=<resource id of the ACS resource>

targetScope = 'resourceGroup'

@description('The function app that main.bicep made.')
param app string

@description('The resource id of the Communication Services resource whose channels are listened to.')
param communicationServices string

@description('The system topic. A source can have only one: where it has one in this group already, give its name.')
param systemTopic string = '${app}-events'

var roles = loadJsonContent('roles.json')
var subscriptions = loadJsonContent('subscriptions.json').subscriptions

resource site 'Microsoft.Web/sites@2024-04-01' existing = {
  name: app
}

resource conversationStorage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: 'chat${uniqueString(resourceGroup().id, app)}'
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: '${app}-alerts'
}

// Communication Services is nowhere in particular, and so is its topic.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: systemTopic
  location: 'global'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: communicationServices
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

resource deadLetterAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(conversationStorage.id, topic.id, roles['Storage Blob Data Contributor'])
  scope: conversationStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Storage Blob Data Contributor'])
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource eventSubscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = [for s in subscriptions: {
  parent: topic
  name: s.name
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
        resourceId: '${site.id}/functions/${s.function}'
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
          resourceId: conversationStorage.id
          blobContainerName: s.deadLetterContainer
        }
      }
    }
  }
  dependsOn: [
    deadLetterAccess
  ]
}]

var topicAlerts = [
  {
    name: 'dead-lettered'
    metric: 'DeadLetteredCount'
    severity: 1
    description: 'Event Grid gave up delivering events: they are in the container dead-letters.'
  }
  {
    name: 'dropped'
    metric: 'DroppedEventCount'
    severity: 0
    description: 'Event Grid dropped events: they could be neither delivered nor written to dead-letters.'
  }
]

resource topicAlert 'Microsoft.Insights/metricAlerts@2018-03-01' = [for alert in topicAlerts: {
  name: '${app}-${alert.name}'
  location: 'global'
  properties: {
    description: alert.description
    severity: alert.severity
    enabled: true
    scopes: [
      topic.id
    ]
    targetResourceType: 'Microsoft.EventGrid/systemTopics'
    targetResourceRegion: 'global'
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: alert.name
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: alert.metric
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [
      {
        actionGroupId: people.id
      }
    ]
  }
}]
