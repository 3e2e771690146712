// One role for one identity on Application Insights. storage-roles.bicep explains
// why this is a module.

@description('The name of the Application Insights resource.')
@minLength(1)
param insights string

@description('The identity that gets the role.')
@minLength(1)
param principalId string

@description('The id of the role.')
@minLength(1)
param role string

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insights
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, principalId, role)
  scope: component
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
