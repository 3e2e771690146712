// The first stage: the function app, its two storage accounts, its telemetry
// and its alerts. The second stage, events.bicep, needs the deployed code.
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

@description('The resource id of an existing Key Vault for Meta\'s secrets. It must use roles. Without an id, a vault is created if Meta is a source.')
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

@description('The queues that have a consumer. An alert is raised when a message waits in one of them and nothing takes messages out. An empty list turns off this alert, the one on poison queues, and the log of the queues that they need.')
param consumedQueues string[] = ['inbound-messages', 'failed-messages']

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

var deploymentContainer = 'deployments'
var rejectedContainer = 'rejected-events'
var deadLetterContainer = 'dead-letters'
var queueNames = [
  'inbound-messages'
  'failed-messages'
  'contact-preferences'
  'media-requests'
  'status-updates' // for the optional output statusUpdates
  'channel-events' // for the optional output channelEvents
  'media-requests' // waits for the media app, which is optional
]
var tableNames = [
  'Messages'
  'MessageStatus'
]

// --- Storage ---------------------------------------------------------------

// The account of the Functions host: its keys, its locks, and the deployed zip.
resource hostStorage 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: 'host${uniqueString(toLower(resourceGroup().id), name)}'
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
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

    resource deployments 'containers' = {
      name: deploymentContainer
    }
  }
}

// The account that the functions write to. It is separate from the host's
// account, so that consumers need no role on the account with the host's secrets.
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
          for container in [rejectedContainer, deadLetterContainer]: {
            name: 'delete-${container}'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${container}/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterModificationGreaterThan: keepRejectedDays
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

// The secrets themselves are set with az: a template would keep their values in
// the history of deployments.
resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = if (usesMeta && empty(keyVault)) {
  name: newVaultName
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
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

// The log of the queues' messages: addresses of requests, without the messages.
resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logReads || !empty(consumedQueues)) {
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
        enabled: !empty(consumedQueues)
      }
      {
        category: 'StorageDelete'
        enabled: !empty(consumedQueues)
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
    siteId: site.id
    webhook: usesMeta
    queueServiceId: conversationStorage::queues.id
    queueAlertLength: queueAlertLength
    consumedQueues: consumedQueues
    email: alertEmail
  }
}

// --- The app ---------------------------------------------------------------

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnet) ? null : subnet
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          // The reference to the container makes the site wait for it.
          value: '${hostStorage.properties.primaryEndpoints.blob}${hostStorage::blobs::deployments.name}'
          authentication: {
            type: 'SystemAssignedIdentity'
          }
        }
      }
      // A custom handler: host.json names the program that the host starts.
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady
      }
    }
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
    }
  }

  // The settings of the template win over settings of the same name.
  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, usesMeta ? metaSettings : {}, usesMeta && sharedSecret ? sharedSecretSettings : {}, {
      // With underscores: Linux has no dots in the names of environment variables.
      AzureWebJobs_WebhookTrigger_Disabled: usesMeta ? '0' : '1'
      // Meta sends at most 3 MB. The webhook is open to everyone, and the time that
      // the host needs for one long JSON string grows with the square of its length.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '4194304'
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table
      ConversationStorage__credential: 'managedidentity'
      ConversationStorage__blobServiceUri: conversationStorage.properties.primaryEndpoints.blob
      ConversationStorage__queueServiceUri: conversationStorage.properties.primaryEndpoints.queue
      ConversationStorage__tableServiceUri: conversationStorage.properties.primaryEndpoints.table
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
    })
  }

  // Deployments use tokens, so passwords are off.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

// --- Roles of the app -------------------------------------------------------

// The roles that the Functions documentation requires on the host's account.
var hostRoles = [
  roles['Storage Blob Data Owner']
  roles['Storage Queue Data Contributor']
  roles['Storage Table Data Contributor']
]

module hostAccess 'storage-roles.bicep' = {
  name: '${name}-host-access'
  params: {
    account: hostStorage.name
    principalId: site.identity.principalId
    roles: hostRoles
  }
}

// Only the queues, tables and container that function.json names.
module conversationAccess 'output-roles.bicep' = {
  name: '${name}-conversation-access'
  params: {
    account: conversationStorage.name
    principalId: site.identity.principalId
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
    principalId: site.identity.principalId
    role: roles['Key Vault Secrets User']
  }
  dependsOn: [
    vault
  ]
}

module insightsAccess 'insights-role.bicep' = {
  name: '${name}-insights-access'
  params: {
    insights: insights.name
    principalId: site.identity.principalId
    role: roles['Monitoring Metrics Publisher']
  }
}

// azd passes outputs to its hooks, which run make: the names are make's variables.
@description('The name of the function app, for make deploy, subscribe and logs.')
output APP string = site.name

@description('The resource group, for the same commands.')
output RG string = resourceGroup().name

@description('Who gets alerts.')
output ALERTS string = empty(alertEmail) ? 'nobody: pass alertEmail, or look at the portal' : alertEmail

@description('Where events come from, for make subscribe and smoke.')
output SOURCES string = sources

@description('The Key Vault that holds Meta\'s secrets, or an empty string.')
output KEY_VAULT string = usesMeta ? vaultName : ''

@description('The storage account that consumers read messages and rows from.')
output CONVERSATION_STORAGE string = conversationStorage.name
