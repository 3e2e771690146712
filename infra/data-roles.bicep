// Roles for one identity on the queues, tables and containers that it uses, and on
// nothing else of the storage account. A module, for the reason in
// storage-roles.bicep.

@description('The name of the storage account.')
@minLength(3)
param account string

@description('The identity that gets the roles.')
@minLength(1)
param principalId string

@description('The queues whose messages trigger a function of the identity.')
param triggerQueues string[] = []

@description('The queues that the identity sends messages to.')
param queues string[] = []

@description('The tables that the identity writes rows of.')
param tables string[] = []

@description('The containers that the identity writes blobs to.')
param containers string[] = []

var roles = loadJsonContent('roles.json')

// The host updates a message to make it visible again after a failure, and while a
// call takes long. The roles that the Functions documentation names for a trigger do
// not allow that: https://github.com/MicrosoftDocs/azure-docs/issues/120932, 2024-03-20.
var triggerRole = roles['Storage Queue Data Contributor']

// The smallest built-in roles that can write. Only the one for queues can't read.
var queueRole = roles['Storage Queue Data Message Sender']
var tableRole = roles['Storage Table Data Contributor']
var blobRole = roles['Storage Blob Data Contributor']

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: account

  resource queueService 'queueServices' existing = {
    name: 'default'
  }

  resource tableService 'tableServices' existing = {
    name: 'default'
  }

  resource blobService 'blobServices' existing = {
    name: 'default'
  }
}

resource trigger 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-06-01' existing = [
  for queueName in triggerQueues: {
    parent: storage::queueService
    name: queueName
  }
]

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2026-06-01' existing = [
  for queueName in queues: {
    parent: storage::queueService
    name: queueName
  }
]

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2026-06-01' existing = [
  for tableName in tables: {
    parent: storage::tableService
    name: tableName
  }
]

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-06-01' existing = [
  for containerName in containers: {
    parent: storage::blobService
    name: containerName
  }
]

resource triggerAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queueName, i) in triggerQueues: {
    name: guid(trigger[i].id, principalId, triggerRole)
    scope: trigger[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', triggerRole)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource queueAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queueName, i) in queues: {
    name: guid(queue[i].id, principalId, queueRole)
    scope: queue[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueRole)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource tableAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (tableName, i) in tables: {
    name: guid(table[i].id, principalId, tableRole)
    scope: table[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableRole)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource containerAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (containerName, i) in containers: {
    name: guid(container[i].id, principalId, blobRole)
    scope: container[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobRole)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]
