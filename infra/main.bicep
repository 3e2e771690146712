// The first stage: the function app, its two storage accounts, its telemetry
// and its alerts. The second, events.bicep, needs the code to be there.
//
//   az deployment group create --resource-group <group> --template-file infra/main.bicep

targetScope = 'resourceGroup'

@description('The name of the function app: it is also the first part of its address, so nobody else may have it.')
@minLength(2)
@maxLength(40)
param app string = 'whatsapp-${uniqueString(resourceGroup().id)}'

@description('Where everything is: a region that has the Flex Consumption plan.')
param location string = resourceGroup().location

@description('How many instances there may be at once.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 100

@description('The memory of an instance. Execution time is billed by it.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('How the outputs are kept: in one building, in three (ZRS, where the region has them), or in another region too.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string = 'Standard_LRS'

@description('Who is told of alerts. Without an address they are only shown in the portal.')
param alertEmail string = ''

@description('For how many days blobs of rejected events and dead letters are kept.')
@minValue(1)
param keepRejectedDays int = 30

@description('For how many days logs are kept.')
@minValue(30)
@maxValue(730)
param keepLogsDays int = 30

@description('How many messages may wait in all queues together before there is an alert.')
param queueAlertLength int = 10000

var roles = loadJsonContent('roles.json')

var deploymentContainer = 'deployments'
var rejectedContainer = 'rejected-events'
var deadLetterContainer = 'dead-letters'
var queueNames = [
  'inbound-messages'
  'failed-messages'
]
var tableNames = [
  'Messages'
  'MessageStatus'
]

// --- Storage ---------------------------------------------------------------

// The host's own account: its keys, its locks, and the deployed zip.
resource hostStorage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'host${uniqueString(resourceGroup().id, app)}'
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

// What the functions write. It is an account of its own so that who reads it
// needs no rights on the one with the host's secrets.
resource conversationStorage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'chat${uniqueString(resourceGroup().id, app)}'
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

    resource queue 'queues' = [for name in queueNames: {
      name: name
    }]
  }

  resource tables 'tableServices' = {
    name: 'default'

    resource table 'tables' = [for name in tableNames: {
      name: name
    }]
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [for container in [rejectedContainer, deadLetterContainer]: {
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
        }]
      }
    }
    dependsOn: [
      blobs
    ]
  }
}

// --- Telemetry -------------------------------------------------------------

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${app}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: keepLogsDays
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: app
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

module alerts 'alerts.bicep' = {
  name: '${app}-alerts'
  params: {
    app: app
    location: location
    insightsId: insights.id
    queueServiceId: conversationStorage::queues.id
    queueAlertLength: queueAlertLength
    email: alertEmail
  }
}

// --- The app ---------------------------------------------------------------

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${app}-plan'
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

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: app
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'SystemAssignedIdentity'
          }
        }
      }
      // A custom handler: the program in the zip is not a worker that Azure
      // knows how to start, but one that host.json names.
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      appSettings: [
        {
          name: 'AzureWebJobsStorage__credential'
          value: 'managedidentity'
        }
        {
          name: 'AzureWebJobsStorage__blobServiceUri'
          value: hostStorage.properties.primaryEndpoints.blob
        }
        {
          name: 'AzureWebJobsStorage__queueServiceUri'
          value: hostStorage.properties.primaryEndpoints.queue
        }
        {
          name: 'AzureWebJobsStorage__tableServiceUri'
          value: hostStorage.properties.primaryEndpoints.table
        }
        {
          name: 'ConversationStorage__credential'
          value: 'managedidentity'
        }
        {
          name: 'ConversationStorage__blobServiceUri'
          value: conversationStorage.properties.primaryEndpoints.blob
        }
        {
          name: 'ConversationStorage__queueServiceUri'
          value: conversationStorage.properties.primaryEndpoints.queue
        }
        {
          name: 'ConversationStorage__tableServiceUri'
          value: conversationStorage.properties.primaryEndpoints.table
        }
        {
          name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
          value: insights.properties.ConnectionString
        }
        {
          name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
          value: 'Authorization=AAD'
        }
      ]
    }
  }

  // Nobody deploys with a password: az and the workflows come with a token.
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

// --- What the app may do ---------------------------------------------------

// Of the host's account: what the Functions documentation asks for.
var hostRoles = [
  roles['Storage Blob Data Owner']
  roles['Storage Queue Data Contributor']
  roles['Storage Table Data Contributor']
]

resource hostAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in hostRoles: {
  name: guid(hostStorage.id, app, role)
  scope: hostStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: site.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// Of the outputs' account: to write. There is no lesser role for tables and
// blobs; of queues it can't read.
var conversationRoles = [
  roles['Storage Blob Data Contributor']
  roles['Storage Queue Data Message Sender']
  roles['Storage Table Data Contributor']
]

resource conversationAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in conversationRoles: {
  name: guid(conversationStorage.id, app, role)
  scope: conversationStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: site.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

resource insightsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, app, roles['Monitoring Metrics Publisher'])
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Monitoring Metrics Publisher'])
    principalId: site.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

// The names are those that make takes: azd hands outputs to its hooks.
@description('The function app\'s name, for make deploy, subscribe and logs.')
output APP string = site.name

@description('The resource group, for the same.')
output RG string = resourceGroup().name

@description('The account to read messages and conversations from.')
output CONVERSATION_STORAGE string = conversationStorage.name
