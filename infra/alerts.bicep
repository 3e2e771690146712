// What the app itself tells that somebody should know. docs/operate.md says of
// each alert what it means and what to do.

param app string
param location string
param insightsId string
param queueServiceId string
param queueAlertLength int
param email string

// The line that every invocation leaves on the handler's output: Azure keeps
// it as a trace, and in itemCount how many lines a sampled one stands for.
var completions = 'traces | where tostring(customDimensions.Category) == "Host.Function.Console" | extend line = parse_json(message) | where tostring(line.message) == "invocation"'

var logAlerts = [
  {
    name: 'rejected'
    severity: 2
    description: 'Events were rejected: they are in the container rejected-events, each with a reason.'
    query: '${completions} | where isnotempty(line.rejected) | mv-expand reason = bag_keys(line.rejected) to typeof(string) | extend total = tolong(line.rejected[reason]) * itemCount'
    dimension: 'reason'
    threshold: 0
  }
  {
    name: 'message-failures'
    severity: 3
    description: 'Many messages failed, for one class of cause: the queue failed-messages has them, with advice.'
    query: '${completions} | where isnotempty(line.failures) | mv-expand class = bag_keys(line.failures) to typeof(string) | extend total = tolong(line.failures[class]) * itemCount'
    dimension: 'class'
    threshold: 50
  }
  {
    name: 'function-failures'
    severity: 1
    description: 'Invocations failed: Event Grid delivers their events again, for a day.'
    query: 'requests | where success == false | project timestamp, name, total = tolong(itemCount)'
    dimension: 'name'
    threshold: 0
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${app}-alerts'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'whatsapp'
    emailReceivers: empty(email) ? [] : [
      {
        name: 'operator'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in logAlerts: {
  name: '${app}-${alert.name}'
  location: location
  kind: 'LogAlert'
  properties: {
    displayName: '${app}: ${alert.name}'
    description: alert.description
    severity: alert.severity
    enabled: true
    scopes: [
      insightsId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    // Before the first line is logged there is nothing to check a query with.
    skipQueryValidation: true
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alert.query
          metricMeasureColumn: 'total'
          timeAggregation: 'Total'
          dimensions: [
            {
              name: alert.dimension
              operator: 'Include'
              values: ['*']
            }
          ]
          operator: 'GreaterThan'
          threshold: alert.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        people.id
      ]
    }
  }
}]

// Azure counts waiting messages once an hour, and of an account: it does not
// tell queues apart.
resource queueLength 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${app}-queue-length'
  location: 'global'
  properties: {
    description: 'Messages pile up in the queues: whoever reads them is down, or too slow.'
    severity: 2
    enabled: true
    scopes: [
      queueServiceId
    ]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT6H'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'waiting'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts/queueServices'
          metricName: 'QueueMessageCount'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: queueAlertLength
        }
      ]
    }
    actions: [
      {
        actionGroupId: people.id
      }
    ]
  }
}
