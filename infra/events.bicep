// The second stage: Event Grid. A subscription needs its function to exist, so
// deploy the code first.
//
//   make subscribe APP=<app> RG=<group> ACS=<resource id of the ACS resource>

targetScope = 'resourceGroup'

@description('The name of the function app that main.bicep created.')
@minLength(2)
@maxLength(40)
param app string

@description('The resource id of the Communication Services resource whose events the app receives.')
@minLength(1)
param communicationServices string

@description('The name of an existing system topic of that resource. A resource can have only one system topic. Without a name, one is created.')
param systemTopic string = ''

@description('The resource group of the existing system topic, in this subscription.')
@minLength(1)
param topicGroup string = resourceGroup().name

// As in main.bicep.
var name = toLower(app)

var topicName = empty(systemTopic) ? '${name}-events' : systemTopic
var subscriptions = loadJsonContent('subscriptions.json').subscriptions

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: name
}

resource conversationStorage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: 'chat${uniqueString(toLower(resourceGroup().id), name)}'
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: '${name}-alerts'
}

// Communication Services is a global resource, so its topic is global too.
resource newTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (empty(systemTopic)) {
  name: '${name}-events'
  location: 'global'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: communicationServices
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

// The topic that exists or was just created. A topic that exists is not changed.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
  scope: resourceGroup(empty(systemTopic) ? resourceGroup().name : topicGroup)
}

module deadLetterAccess 'data-roles.bicep' = {
  name: '${name}-dead-letter-access'
  params: {
    account: conversationStorage.name
    principalId: topic.identity.principalId
    containers: union([], map(subscriptions, s => s.deadLetterContainer))
  }
  dependsOn: [
    newTopic
  ]
}

module eventSubscriptions 'subscriptions.bicep' = {
  name: '${name}-subscriptions'
  scope: resourceGroup(empty(systemTopic) ? resourceGroup().name : topicGroup)
  params: {
    app: name
    systemTopic: topicName
    siteId: site.id
    storageId: conversationStorage.id
  }
  dependsOn: [
    newTopic
    deadLetterAccess
  ]
}

var topicAlerts = [
  {
    name: 'delivery-failures'
    metric: 'DeliveryAttemptFailCount'
    severity: 2
    description: 'Attempts to deliver events to the functions failed. Event Grid retries for 24 hours.'
  }
  {
    name: 'dead-lettered'
    metric: 'DeadLetteredCount'
    severity: 1
    description: 'Event Grid stopped trying to deliver events. They are in the container dead-letters.'
  }
  {
    name: 'dropped'
    metric: 'DroppedEventCount'
    severity: 0
    description: 'Event Grid dropped events: it could neither deliver them nor write them to dead-letters.'
  }
]

// On a shared topic, only the subscriptions of this app.
resource topicAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in topicAlerts: {
    name: '${name}-${alert.name}'
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
            dimensions: [
              {
                name: 'EventSubscriptionName'
                operator: 'Include'
                values: map(subscriptions, s => '${name}-${s.name}')
              }
            ]
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroup.id
        }
      ]
    }
    dependsOn: [
      newTopic
    ]
  }
]
