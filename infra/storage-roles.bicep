// Roles for one identity on one storage account. A module, because the name of a
// role assignment must be known when the deployment starts: the principalId of
// an identity is not, but a parameter is. With the principalId in the name, an
// identity that was deleted and created again gets its own assignments.

@description('The name of the storage account.')
@minLength(3)
param account string

@description('The identity that gets the roles.')
@minLength(1)
param principalId string

@description('The ids of the roles.')
param roles string[]

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: account
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(storage.id, principalId, role)
    scope: storage
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: principalId
      principalType: 'ServicePrincipal'
    }
  }
]
