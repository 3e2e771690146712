// The first stage: the function app, the storage of its outputs, the media app if it is
// wanted, telemetry and alerts. The second stage, events.bicep, needs the deployed code.
//
//   az deployment group create --resource-group <group> --template-file infra/main.bicep

targetScope = 'resourceGroup'

@description('The name of the function app: letters, digits and hyphens. It is the first part of the app\'s address, so it must be unique in Azure.')
@minLength(2)
@maxLength(40)
param app string = 'whatsapp-${uniqueString(toLower(resourceGroup().id))}'

@description('Where events come from: Communication Services (acs), Meta\'s Cloud API (meta), or both. Without Meta, the function WebhookTrigger is disabled. The Event Grid functions always run: redeliver uses them for both sources.')
@allowed(['acs', 'meta', 'both'])
param sources string = 'acs'

@description('The resource id of an existing Key Vault for the secrets of both apps. It must use roles. Without an id, each app that needs one gets its own.')
param keyVault string = ''

@description('Whether a provider between Meta and the app sends the header X-Webhook-Secret, whose value is the secret webhook-shared-secret in the Key Vault.')
param sharedSecret bool = false

@description('The region of all resources. It must offer the Flex Consumption plan.')
@minLength(1)
param location string = resourceGroup().location

@description('The largest number of instances at one time.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 100

@description('The memory of an instance in megabytes. Azure bills execution time multiplied by memory.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('The replication of the account that holds the outputs: in one datacenter (LRS), in three zones (ZRS, where the region has zones), or also in a second region (GRS, GZRS).')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string = 'Standard_LRS'

@description('The address that alerts are sent to. Without an address alerts only appear in the portal.')
param alertEmail string = ''

@description('The number of days after which blobs of rejected events and dead letters are deleted.')
@minValue(1)
param keepRejectedDays int = 30

@description('The number of days that logs are kept.')
@minValue(30)
@maxValue(730)
param keepLogsDays int = 30

@description('The number of waiting messages, in all queues together, above which the queue alert is raised.')
@minValue(1)
param queueAlertLength int = 10000

@description('Whether a second app downloads the files of messages into the container media.')
param media bool = false

@description('The number of days after which downloaded files are deleted. 0 keeps them.')
@minValue(0)
param keepMediaDays int = 365

@description('The memory of an instance of the media app in megabytes.')
@allowed([512, 2048, 4096])
param mediaMemory int = 512

@description('The endpoint of the Communication Services resource, https://<name>.<geography>.communication.azure.com. With it the media app reads files with its identity, which needs a role there. Without it, with the connection string in its Key Vault.')
param mediaAcsEndpoint string = ''

@description('Settings of the media app beside those that this template sets, such as MEDIA_MAX_BYTES. Values are strings.')
param mediaSettings object = {}

@description('The queues that have a consumer. An alert is raised when a message waits in one of them and nothing takes messages out. If the list is empty and there is no media app, this alert, the one on poison queues, and the log of the queues that they need are off.')
param consumedQueues string[] = concat(['inbound-messages', 'failed-messages'], media ? ['media-results'] : [])

@description('Whether the log has each reading of queues, rows and blobs of the outputs: who read, and when. The log of tables has addresses with phone numbers.')
param logReads bool = false

@description('The resource id of a subnet for the app\'s outgoing calls, delegated to Microsoft.App/environments.')
param subnet string = ''

@description('App settings beside those that this template sets, such as HANDLER_OPT_OUT_WORDS. Values are strings. A deployment removes every setting that is neither here nor in this template.')
param settings object = {}

@description('Instances that are always ready, per function: [{name: \'function:AdvancedMessageTrigger\', instanceCount: 1}].')
param alwaysReady { name: string, instanceCount: int }[] = []

// Azure compares most names without regard to case, but uniqueString does not.
var name = toLower(app)

var roles = loadJsonContent('roles.json')

var rejectedContainer = 'rejected-events'
var deadLetterContainer = 'dead-letters'
var queueNames = [
  'inbound-messages'
  'failed-messages'
  'contact-preferences'
  'status-updates' // for the optional output statusUpdates
  'channel-events' // for the optional output channelEvents
  'media-requests' // waits for the media app, which is optional
]
var tableNames = [
  'Messages'
  'MessageStatus'
]

// The rule for files is there without the media app too: files that it has written must
// not stay forever because it was turned off.
var mediaContainer = 'media'
var deletedContainers = concat(
  [
    { name: rejectedContainer, days: keepRejectedDays }
    { name: deadLetterContainer, days: keepRejectedDays }
  ],
  keepMediaDays == 0 ? [] : [{ name: mediaContainer, days: keepMediaDays }]
)

// --- Storage ---------------------------------------------------------------

// The account that the functions write to. It is separate from the account of the
// Functions host, so that consumers need no role on the account with the host's secrets.
resource conversationStorage 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: 'chat${uniqueString(toLower(resourceGroup().id), name)}'
  location: location
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource rejected 'containers' = {
      name: rejectedContainer
    }

    resource deadLetters 'containers' = {
      name: deadLetterContainer
    }
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource queue 'queues' = [
      for queueName in queueNames: {
        name: queueName
      }
    ]
  }

  resource tables 'tableServices' = {
    name: 'default'

    resource table 'tables' = [
      for tableName in tableNames: {
        name: tableName
      }
    ]
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          for container in deletedContainers: {
            name: 'delete-${container.name}'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${container.name}/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterModificationGreaterThan: container.days
                  }
                }
              }
            }
          }
        ]
      }
    }
    dependsOn: [
      blobs
    ]
  }
}

// --- Meta's secrets -----------------------------------------------------------

var usesMeta = sources != 'acs'
var newVaultName = 'meta${uniqueString(toLower(resourceGroup().id), name)}'
var vaultId = empty(keyVault) ? resourceId('Microsoft.KeyVault/vaults', newVaultName) : keyVault
var vaultName = last(split(vaultId, '/'))

module vault 'vault.bicep' = if (usesMeta && empty(keyVault)) {
  name: '${name}-vault'
  params: {
    name: newVaultName
    location: location
  }
}

// References without a version: Azure reads a new version of a secret within a day.
var metaSettings = {
  META_APP_SECRETS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=meta-app-secrets)'
  META_VERIFY_TOKEN: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=meta-verify-token)'
}
var sharedSecretSettings = {
  WEBHOOK_SHARED_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=webhook-shared-secret)'
}

// --- Telemetry -------------------------------------------------------------

resource logs 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: keepLogsDays
    features: {
      immediatePurgeDataOn30Days: true
    }
  }
}

// The tables of Application Insights keep 90 days unless each has its own
// retention: the retention of the workspace does not apply to them.
@batchSize(1)
resource retention 'Microsoft.OperationalInsights/workspaces/tables@2023-09-01' = [
  for table in ['AppTraces', 'AppRequests', 'AppExceptions', 'AppMetrics', 'AppDependencies', 'AppPerformanceCounters']: {
    parent: logs
    name: table
    properties: {
      retentionInDays: keepLogsDays
      totalRetentionInDays: keepLogsDays
    }
  }
]

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

// Some alerts read the log of the queues.
var watchesQueues = media || !empty(consumedQueues)

// The log of the queues' messages: addresses of requests, without the messages.
resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads || watchesQueues) {
  name: '${name}-queues'
  scope: conversationStorage::queues
  properties: {
    workspaceId: logs.id
    logs: [
      {
        category: 'StorageRead'
        enabled: logReads
      }
      {
        category: 'StorageWrite'
        enabled: watchesQueues
      }
      {
        category: 'StorageDelete'
        enabled: watchesQueues
      }
    ]
  }
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads) {
  name: '${name}-tables'
  scope: conversationStorage::tables
  properties: {
    workspaceId: logs.id
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
    ]
  }
}

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads) {
  name: '${name}-blobs'
  scope: conversationStorage::blobs
  properties: {
    workspaceId: logs.id
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
    ]
  }
}

module alerts 'alerts.bicep' = {
  name: '${name}-alerts'
  params: {
    app: name
    location: location
    insightsId: insights.id
    workspaceId: logs.id
    siteId: site.outputs.id
    webhook: usesMeta
    media: media
    queueServiceId: conversationStorage::queues.id
    queueAlertLength: queueAlertLength
    consumedQueues: consumedQueues
    email: alertEmail
  }
}

// --- The app ---------------------------------------------------------------

module site 'function-app.bicep' = {
  name: '${name}-app'
  params: {
    name: name
    location: location
    insights: insights.name
    settings: union(settings, usesMeta ? metaSettings : {}, usesMeta && sharedSecret ? sharedSecretSettings : {}, {
      // With underscores: Linux has no dots in the names of environment variables.
      AzureWebJobs_WebhookTrigger_Disabled: usesMeta ? '0' : '1'
      // Meta sends at most 3 MB. The webhook is open to everyone, and the time that
      // the host needs for one long JSON string grows with the square of its length.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '4194304'
      ConversationStorage__credential: 'managedidentity'
      ConversationStorage__blobServiceUri: conversationStorage.properties.primaryEndpoints.blob
      ConversationStorage__queueServiceUri: conversationStorage.properties.primaryEndpoints.queue
      ConversationStorage__tableServiceUri: conversationStorage.properties.primaryEndpoints.table
    })
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    alwaysReady: alwaysReady
    subnet: subnet
  }
}

module mediaApp 'media.bicep' = if (media) {
  name: '${name}-media'
  params: {
    app: name
    location: location
    account: conversationStorage.name
    container: mediaContainer
    insights: insights.name
    usesMeta: usesMeta
    usesAcs: sources != 'meta'
    acsEndpoint: mediaAcsEndpoint
    keyVault: keyVault
    settings: mediaSettings
    instanceMemory: mediaMemory
    maximumInstances: maximumInstances
    subnet: subnet
  }
  dependsOn: [
    conversationStorage::queues::queue
  ]
}

// --- Roles of the app -------------------------------------------------------

// Only the queues, tables and container that function.json names.
module conversationAccess 'data-roles.bicep' = {
  name: '${name}-conversation-access'
  params: {
    account: conversationStorage.name
    principalId: site.outputs.principalId
    queues: queueNames
    tables: tableNames
    containers: [
      rejectedContainer
    ]
  }
  dependsOn: [
    conversationStorage::queues::queue
    conversationStorage::tables::table
    conversationStorage::blobs::rejected
  ]
}

module vaultAccess 'vault-role.bicep' = if (usesMeta) {
  name: '${name}-vault-access'
  scope: resourceGroup(split(vaultId, '/')[2], split(vaultId, '/')[4])
  params: {
    vault: vaultName
    principalId: site.outputs.principalId
    role: roles['Key Vault Secrets User']
  }
  dependsOn: [
    vault
  ]
}

// azd passes outputs to its hooks, which run make: the names are make's variables.
@description('The name of the function app, for make deploy, subscribe and logs.')
output APP string = name

@description('The resource group, for the same commands.')
output RG string = resourceGroup().name

@description('Who gets alerts.')
output ALERTS string = empty(alertEmail) ? 'nobody: pass alertEmail, or look at the portal' : alertEmail

@description('Where events come from, for make subscribe and smoke.')
output SOURCES string = sources

@description('The Key Vault that holds Meta\'s secrets, or an empty string.')
output KEY_VAULT string = usesMeta ? vaultName : ''

@description('Whether there is a media app, for make deploy and smoke.')
output MEDIA string = media ? 'true' : ''

@description('The Key Vault that holds the media app\'s tokens, or an empty string.')
output MEDIA_KEY_VAULT string = media ? mediaApp!.outputs.keyVaultName : ''

@description('The storage account that consumers read messages and rows from.')
output CONVERSATION_STORAGE string = conversationStorage.name
