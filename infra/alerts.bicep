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

@description('The resource id of the Log Analytics workspace, which has the log of the queues.')
@minLength(1)
param workspaceId string

@description('The resource id of the function app.')
@minLength(1)
param siteId string

@description('Whether the webhook of Meta\'s Cloud API is on.')
param webhook bool

@description('Whether there is a media app.')
param media bool

@description('The resource id of the queue service that holds the outputs.')
@minLength(1)
param queueServiceId string

@description('The number of waiting messages above which the queue alert is raised.')
@minValue(1)
param queueAlertLength int

@description('The queues that have a consumer. If the list is empty and there is no media app, the log of the queues is off.')
param consumedQueues string[]

@description('The address that alerts are sent to, or an empty string.')
param email string

// What both apps write to their output is a line of JSON.
var consoleLines = 'traces | where tostring(customDimensions.Category) == "Host.Function.Console" | extend line = parse_json(message)'

// The handler writes one completion line per invocation. host.json keeps it only
// at warn: an event was rejected or a message failed. Traces are not sampled by
// the host; itemCount corrects for sampling that Application Insights may do.
var completions = '${consoleLines} | where tostring(line.message) == "invocation"'

// Alerts that are always there.
var handlerAlerts = [
  {
    name: 'rejected'
    severity: 2
    description: 'Events were rejected. Each is in the container rejected-events, with a reason. Blobs of 0 bytes there are not rejections.'
    query: '${completions} | where isnotempty(line.rejected) | mv-expand reason = bag_keys(line.rejected) to typeof(string) | extend total = tolong(line.rejected[reason]) * itemCount'
    dimension: 'reason'
    threshold: 0
    scope: insightsId
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'message-failures'
    severity: 3
    description: 'Many messages failed for the same class of causes. Each is in the queue failed-messages, with advice.'
    query: '${completions} | where isnotempty(line.failures) | mv-expand class = bag_keys(line.failures) to typeof(string) | extend total = tolong(line.failures[class]) * itemCount'
    dimension: 'class'
    threshold: 50
    scope: insightsId
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'function-failures'
    severity: 1
    description: 'Invocations failed. Event Grid and Meta retry.'
    query: 'requests | where tobool(success) == false and name != "MediaTrigger" | project timestamp, name, total = tolong(itemCount)'
    dimension: 'name'
    threshold: 0
    scope: insightsId
    frequency: 'PT5M'
    window: 'PT15M'
  }
]

// Unsigned requests to an address that everyone can find are normal: one in ten is
// not. Three of them in an hour are enough where there is little traffic.
var webhookAlerts = [
  {
    name: 'webhook-refused'
    severity: 1
    description: 'The webhook refuses many events. If they are Meta\'s, the secret in the Key Vault is wrong. Meta retries for 7 days.'
    query: 'requests | where name == "WebhookTrigger" | summarize received = sum(itemCount), total = sumif(itemCount, resultCode in ("401", "411", "503")), resultCode = take_anyif(resultCode, resultCode in ("401", "411", "503")) | where total >= 3 and total * 10 >= received'
    dimension: 'resultCode'
    threshold: 0
    scope: insightsId
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

// The messages that were put into a queue and deleted from it, of the log of the
// queues. Its addresses are https://<account>.queue.core.windows.net:443/<queue>/messages.
// Its StatusText depends on how the caller logs in, so the status code decides.
var queueOperations = 'StorageQueueLogs | where OperationName in ("PutMessage", "DeleteMessage", "ClearMessages") and StatusCode startswith "2" | extend queue = tostring(split(tostring(parse_url(Uri).Path), "/")[1])'

var consumerAlerts = [
  {
    name: 'consumer-stopped'
    severity: 1
    description: 'A message has waited in a queue for half an hour, and nothing took messages out of the queue: its consumer is down, or fails on all of them.'
    query: '${queueOperations} | where queue in ("${join(consumedQueues, '", "')}") | summarize total = countif(OperationName == "PutMessage" and TimeGenerated < ago(30m)), deleted = countif(OperationName != "PutMessage") by queue | where deleted == 0'
    dimension: 'queue'
    threshold: 0
    scope: workspaceId
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

var poisonAlerts = [
  {
    name: 'poison'
    severity: 2
    description: 'A consumer or the media app gave up messages. They are in the poison queue.'
    query: '${queueOperations} | where OperationName == "PutMessage" and queue endswith "-poison" | summarize total = count() by queue'
    dimension: 'queue'
    threshold: 0
    scope: workspaceId
    frequency: 'PT5M'
    window: 'PT15M'
  }
]

// An invocation of the media app that fails is retried, so it raises no alert of its
// own. More messages were put into the queue than were deleted from it since: some of
// them wait, whatever else was deleted.
var mediaAlerts = [
  {
    name: 'media-forbidden'
    severity: 1
    description: 'Meta or Communication Services refused the media app. Files are not downloaded until the token or role is right.'
    query: '${consoleLines} | where tostring(line.message) == "access to media refused" | extend status = tostring(line.status), total = tolong(itemCount)'
    dimension: 'status'
    threshold: 0
    scope: insightsId
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'media-waiting'
    severity: 2
    description: 'Requests for files have waited for more than half an hour: the media app is down, too slow, or fails.'
    query: '${queueOperations} | where queue == "media-requests" | summarize requested = countif(OperationName == "PutMessage" and TimeGenerated < ago(30m)), deleted = countif(OperationName != "PutMessage") by queue | extend total = requested - deleted'
    dimension: 'queue'
    threshold: 0
    scope: workspaceId
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

var logAlerts = concat(
  handlerAlerts,
  webhook ? webhookAlerts : [],
  empty(consumedQueues) ? [] : consumerAlerts,
  media || !empty(consumedQueues) ? poisonAlerts : [],
  media ? mediaAlerts : []
)

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
        alert.scope
      ]
      evaluationFrequency: alert.frequency
      windowSize: alert.window
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

// The platform counts these, whatever is logged. Whether it does so for Flex
// Consumption is not documented, so Azure must not refuse the alert.
resource webhookFailures 'Microsoft.Insights/metricAlerts@2026-01-01' = if (webhook) {
  name: '${app}-webhook-failures'
  location: 'global'
  properties: {
    description: 'The app answered with a server error. Meta and Event Grid retry.'
    severity: 1
    enabled: true
    scopes: [
      siteId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'failed'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          skipMetricValidation: true
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
