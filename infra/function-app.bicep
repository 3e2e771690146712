// A function app with a custom handler on Flex Consumption: the app, its plan, which
// takes one app only, the storage account of its Functions host, and the roles that
// every app needs.

@description('The name of the function app, in lower case.')
@minLength(2)
@maxLength(60)
param name string

@description('The region of all resources.')
@minLength(1)
param location string

@description('The name of the Application Insights resource that the app logs to.')
@minLength(1)
param insights string

@description('The app settings beside those of the host\'s storage and of telemetry.')
param settings object

@description('The memory of an instance in megabytes.')
@minValue(512)
param instanceMemory int

@description('The largest number of instances at one time.')
@minValue(1)
param maximumInstances int

@description('Instances that are always ready, per function.')
param alwaysReady { name: string, instanceCount: int }[] = []

@description('The resource id of a subnet for the app\'s outgoing calls.')
param subnet string = ''

var roles = loadJsonContent('roles.json')
var deploymentContainer = 'deployments'

// The account of the Functions host: its keys, its locks, and the deployed zip. Each
// app has its own, so that no app can change the code of another.
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

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insights
}

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
    properties: union(settings, {
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table
      APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
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

// The roles that the Functions documentation requires on the host's account.
module hostAccess 'storage-roles.bicep' = {
  name: '${name}-host-access'
  params: {
    account: hostStorage.name
    principalId: site.identity.principalId
    roles: [
      roles['Storage Blob Data Owner']
      roles['Storage Queue Data Contributor']
      roles['Storage Table Data Contributor']
    ]
  }
}

module insightsAccess 'insights-role.bicep' = {
  name: '${name}-insights-access'
  params: {
    insights: insights
    principalId: site.identity.principalId
    role: roles['Monitoring Metrics Publisher']
  }
}

@description('The resource id of the app.')
output id string = site.id

@description('The identity of the app.')
output principalId string = site.identity.principalId
