package app

import (
	"errors"
	"fmt"
)

// ErrIdentity reports a connection that uses the app's managed identity, which
// exists only in Azure, instead of a connection string.
var ErrIdentity = errors.New("the connection uses a managed identity, which exists only in Azure: set a connection string, such as UseDevelopmentStorage=true")

// identitySettings are the suffixes of the settings of a connection with a
// managed identity.
var identitySettings = []string{
	"accountName", "blobServiceUri", "queueServiceUri", "tableServiceUri", "serviceUri", "credential", "clientId", "fullyQualifiedNamespace",
}

// CheckConnection checks that a setting has the connection string of a binding's
// connection. The setting's name may start with AzureWebJobs and may be in
// ConnectionStrings. An empty name means AzureWebJobsStorage. The error wraps
// [ErrIdentity] if the connection uses a managed identity.
func CheckConnection(name string, setting func(name string) (string, bool)) error {
	if name == "" {
		name = "Storage"
	}
	for _, prefix := range []string{"AzureWebJobs", "", "ConnectionStrings:AzureWebJobs", "ConnectionStrings:"} {
		if value, ok := setting(prefix + name); ok && value != "" {
			return nil
		}
	}
	for _, connection := range []string{"AzureWebJobs" + name, name} {
		for _, suffix := range identitySettings {
			for _, identity := range []string{connection + "__" + suffix, connection + ":" + suffix} {
				if _, ok := setting(identity); ok {
					return fmt.Errorf("%s: %w", identity, ErrIdentity)
				}
			}
		}
	}
	return fmt.Errorf("connection %q: there is no setting %s or AzureWebJobs%s, and no connection string of that name", name, name, name)
}
