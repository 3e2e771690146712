// One role for one identity on a Key Vault. A module, because the vault may be in
// another resource group, and for the reason in storage-roles.bicep.

@description('The name of the Key Vault.')
@minLength(3)
param vault string

@description('The identity that gets the role.')
@minLength(1)
param principalId string

@description('The id of the role.')
@minLength(1)
param role string

resource keyVault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vault
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(keyVault.id, principalId, role)
  scope: keyVault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
