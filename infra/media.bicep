// The media app: it takes requests from the queue media-requests, downloads the files
// of messages from Meta or Communication Services, and writes them to a container.
// Its identity, host storage and vault are its own: neither app can read the other's
// secrets or change its code.

@description('The name of the first function app, in lower case.')
@minLength(2)
@maxLength(40)
param app string

@description('The region of all resources.')
@minLength(1)
param location string

@description('The name of the storage account that holds the outputs.')
@minLength(3)
param account string

@description('The container for the files.')
@minLength(3)
param container string

@description('The name of the Application Insights resource that both apps log to.')
@minLength(1)
param insights string

@description('Whether Meta\'s Cloud API is a source of messages.')
param usesMeta bool

@description('Whether Communication Services is a source of messages.')
param usesAcs bool

@description('The endpoint of the Communication Services resource, if the app reads files with its identity. Without it, the app reads them with a connection string.')
param acsEndpoint string = ''

@description('The resource id of an existing Key Vault. Without an id, a vault is created.')
param keyVault string = ''

@description('App settings beside those that this template sets.')
param settings object

@description('The memory of an instance in megabytes.')
@minValue(512)
param instanceMemory int

@description('The largest number of instances at one time.')
@minValue(1)
param maximumInstances int

@description('The resource id of a subnet for the app\'s outgoing calls.')
param subnet string = ''

var name = '${app}-media'

var roles = loadJsonContent('roles.json')

// The main template creates media-requests, which the first app writes to in any case.
var requestQueue = 'media-requests'
var poisonQueue = 'media-requests-poison'
var resultQueue = 'media-results'

resource conversationStorage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: account

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource files 'containers' = {
      name: container
    }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' = [
      for queueName in [poisonQueue, resultQueue]: {
        name: queueName
      }
    ]
  }
}

// --- Secrets ----------------------------------------------------------------

var newVaultName = 'media${uniqueString(toLower(resourceGroup().id), name)}'
var vaultId = empty(keyVault) ? resourceId('Microsoft.KeyVault/vaults', newVaultName) : keyVault
var vaultName = last(split(vaultId, '/'))

module vault 'vault.bicep' = if (empty(keyVault)) {
  name: '${name}-vault'
  params: {
    name: newVaultName
    location: location
  }
}

// References without a version: Azure reads a new version of a secret within a day.
var metaSettings = {
  MEDIA_META_TOKENS: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=media-meta-tokens)'
}
var acsKeySettings = {
  MEDIA_ACS_CONNECTION_STRING: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=media-acs-connection-string)'
}
var acsIdentitySettings = {
  MEDIA_ACS_ENDPOINT: acsEndpoint
}
var acsSettings = empty(acsEndpoint) ? acsKeySettings : acsIdentitySettings

// --- The app ----------------------------------------------------------------

module site 'function-app.bicep' = {
  name: '${name}-app'
  params: {
    name: name
    location: location
    insights: insights
    settings: union(settings, usesMeta ? metaSettings : {}, usesAcs ? acsSettings : {}, {
      MEDIA_CONTAINER: container
      ConversationStorage__credential: 'managedidentity'
      ConversationStorage__blobServiceUri: conversationStorage.properties.primaryEndpoints.blob
      ConversationStorage__queueServiceUri: conversationStorage.properties.primaryEndpoints.queue
    })
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    subnet: subnet
  }
}

// --- Roles of the app -------------------------------------------------------

module conversationAccess 'data-roles.bicep' = {
  name: '${name}-data-access'
  params: {
    account: account
    principalId: site.outputs.principalId
    triggerQueues: [
      requestQueue
    ]
    queues: [
      poisonQueue
      resultQueue
    ]
    containers: [
      container
    ]
  }
  dependsOn: [
    conversationStorage::queues::queue
    conversationStorage::blobs::files
  ]
}

module vaultAccess 'vault-role.bicep' = {
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

@description('The Key Vault that holds the tokens.')
output keyVaultName string = vaultName
