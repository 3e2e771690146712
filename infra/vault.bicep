// A Key Vault for the secrets of one app. The secrets themselves are set with az: a
// template would keep their values in the history of deployments.

@description('The name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('The region of the vault.')
@minLength(1)
param location string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
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
