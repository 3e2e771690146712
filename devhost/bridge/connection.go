package bridge

import (
	"errors"
	"fmt"
)

// ErrIdentity says that a connection has no connection string but the name of
// an account, to be used with the app's identity. There is none here.
var ErrIdentity = errors.New("the connection is by identity, which only Azure has: give it a connection string, such as UseDevelopmentStorage=true")

// identitySettings are what follows a connection's name where it is by identity.
var identitySettings = []string{
	"accountName", "blobServiceUri", "queueServiceUri", "tableServiceUri", "serviceUri", "credential", "clientId", "fullyQualifiedNamespace",
}

// CheckConnection makes sure that a binding's connection leads to a connection
// string: a setting's name, with or without AzureWebJobs ahead of it, also
// among the ConnectionStrings. No name means AzureWebJobsStorage.
func CheckConnection(name string, setting func(name string) (string, bool)) error {
	if name == "" {
		name = "Storage"
	}
	for _, prefix := range []string{"AzureWebJobs", "", "ConnectionStrings:AzureWebJobs", "ConnectionStrings:"} {
		if value, ok := setting(prefix + name); ok && value != "" {
			return nil
		}
	}
	for _, prefix := range []string{"AzureWebJobs", ""} {
		for _, separator := range []string{"__", ":"} {
			for _, suffix := range identitySettings {
				if _, ok := setting(prefix + name + separator + suffix); ok {
					return fmt.Errorf("%s: %w", prefix+name+separator+suffix, ErrIdentity)
				}
			}
		}
	}
	return fmt.Errorf("connection %q: there is no setting of that name, nor AzureWebJobs%s, nor a connection string", name, name)
}
