// Alerts of the app. docs/operate.md says for each alert what it means and what
// to do.

@description('The name of the app, in lower case: the alerts\' names start with it.')
@minLength(2)
param app string

@description('The region of the log alerts.')
@minLength(1)
param location string

@description('The resource id of Application Insights.')
@minLength(1)
param insightsId string

@description('The resource id of the queue service that holds the outputs.')
@minLength(1)
param queueServiceId string

@description('The number of waiting messages above which the queue alert is raised.')
@minValue(1)
param queueAlertLength int

@description('The address that alerts are sent to, or an empty string.')
param email string

// The handler writes one completion line per invocation. host.json keeps it only
// at warn: an event was rejected or a message failed. Traces are not sampled by
// the host; itemCount corrects for sampling that Application Insights may do.
var completions = 'traces | where tostring(customDimensions.Category) == "Host.Function.Console" | extend line = parse_json(message) | where tostring(line.message) == "invocation"'

var logAlerts = [
  {
    name: 'rejected'
    severity: 2
    description: 'Events were rejected. Each is in the container rejected-events, with a reason. Blobs of 0 bytes there are not rejections.'
    query: '${completions} | where isnotempty(line.rejected) | mv-expand reason = bag_keys(line.rejected) to typeof(string) | extend total = tolong(line.rejected[reason]) * itemCount'
    dimension: 'reason'
    threshold: 0
  }
  {
    name: 'message-failures'
    severity: 3
    description: 'Many messages failed for the same class of causes. Each is in the queue failed-messages, with advice.'
    query: '${completions} | where isnotempty(line.failures) | mv-expand class = bag_keys(line.failures) to typeof(string) | extend total = tolong(line.failures[class]) * itemCount'
    dimension: 'class'
    threshold: 50
  }
  {
    name: 'function-failures'
    severity: 1
    description: 'Invocations failed. Event Grid retries the delivery of their events for 24 hours.'
    query: 'requests | where success == false | project timestamp, name, total = tolong(itemCount)'
    dimension: 'name'
    threshold: 0
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${app}-alerts'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'whatsapp'
    emailReceivers: empty(email)
      ? []
      : [
          {
            name: 'operator'
            emailAddress: email
            useCommonAlertSchema: true
          }
        ]
  }
}

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
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
      // Azure can't validate a query before the first line is logged.
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
          actionGroup.id
        ]
      }
    }
  }
]

// Azure refreshes this metric once a day, counts the messages of all queues of the
// account together, and offers the average only.
resource queueLength 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${app}-queue-length'
  location: 'global'
  properties: {
    description: 'Too many messages are waiting in the queues: a consumer is down or too slow.'
    severity: 2
    enabled: true
    scopes: [
      queueServiceId
    ]
    evaluationFrequency: 'PT1H'
    windowSize: 'P1D'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'waiting'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts/queueServices'
          metricName: 'QueueMessageCount'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: queueAlertLength
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}
