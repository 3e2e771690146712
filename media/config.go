package main

import (
	"regexp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"whatsapp-functions/handler/worker"
	"whatsapp-functions/media/acs"
	"whatsapp-functions/media/download"
	"whatsapp-functions/media/meta"
	"whatsapp-functions/media/store"
	"whatsapp-functions/media/transfer"
)

// The variables of this program. Package worker has more.
const (
	envMetaURL     = "MEDIA_META_URL"
	envMetaVersion = "MEDIA_META_VERSION"
	envMetaTokens  = "MEDIA_META_TOKENS"

	envACSConnection = "MEDIA_ACS_CONNECTION_STRING"
	envACSEndpoint   = "MEDIA_ACS_ENDPOINT"

	envContainer = "MEDIA_CONTAINER"
	envMaxBytes  = "MEDIA_MAX_BYTES"

	// The connection of the bindings, as the Functions host reads it: a connection
	// string, or the address of the service and a managed identity,
	// https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection.
	envStorage         = "ConversationStorage"
	envStorageService  = "ConversationStorage__blobServiceUri"
	envStorageClientID = "ConversationStorage__clientId"
)

const (
	defaultContainer = "media"
	// defaultMaxBytes is the largest file that WhatsApp accepts.
	defaultMaxBytes = 100 << 20
	mostMaxBytes    = 1 << 30
)

var (
	metaVersion = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)
	// containerName is the form of a container's name,
	// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata.
	containerName = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){2,62}$`)
)

// readSettings reads the environment.
func readSettings(env *worker.Environment) *transfer.Transfer {
	t := &transfer.Transfer{
		Store:   readStore(env),
		MaxSize: env.Number(envMaxBytes, defaultMaxBytes, 1, mostMaxBytes),
	}
	readMeta(env, t)
	readACS(env, t)
	if t.Meta == nil && t.ACS == nil {
		env.Warn("no provider is configured, so no file can be downloaded: set %s, %s or %s", envMetaTokens, envACSConnection, envACSEndpoint)
	}
	return t
}

func readMeta(env *worker.Environment, t *transfer.Transfer) {
	base, err := download.Endpoint(env.Text(envMetaURL, meta.URL))
	if err != nil {
		env.Mistake("%s is %w", envMetaURL, err)
	}
	version := env.Text(envMetaVersion, meta.Version)
	if !metaVersion.MatchString(version) {
		env.Mistake("%s is '%s': write a version of the Graph API, such as %s", envMetaVersion, version, meta.Version)
	}
	tokens, tokensErr := meta.ParseTokens(env.Secret(envMetaTokens))
	if tokensErr != nil {
		env.Mistake("%s: %w", envMetaTokens, tokensErr)
	}
	if err == nil && tokens.Any() {
		t.Meta = meta.New(base, version, tokens, download.Options{})
	}
}

// readACS reads the connection string or, if there is none, the endpoint.
func readACS(env *worker.Environment, t *transfer.Transfer) {
	if text := env.Secret(envACSConnection); text != "" {
		connection, err := acs.ParseConnection(text)
		if err != nil {
			env.Mistake("%s: %w", envACSConnection, err)
			return
		}
		t.ACS = acs.NewWithKey(connection, download.Options{})
		return
	}
	text := env.Text(envACSEndpoint, "")
	if text == "" {
		return
	}
	endpoint, err := download.Endpoint(text)
	if err != nil {
		env.Mistake("%s is %w", envACSEndpoint, err)
		return
	}
	t.ACS = acs.NewWithToken(endpoint, identity(env), download.Options{})
}

func readStore(env *worker.Environment) *store.Store {
	container := env.Text(envContainer, defaultContainer)
	if !containerName.MatchString(container) {
		env.Mistake("%s is '%s': write 3 to 63 lower-case letters, digits and single hyphens", envContainer, container)
	}
	if connection := env.Secret(envStorage); connection != "" {
		s, err := store.OpenConnection(connection, container, store.Options{})
		if err != nil {
			env.Mistake("%s is %w", envStorage, err)
		}
		return s
	}
	text := env.Text(envStorageService, "")
	if text == "" {
		env.Mistake("neither %s nor %s is set: set the storage account of the queues", envStorage, envStorageService)
		return nil
	}
	service, err := download.Endpoint(text)
	if err != nil {
		env.Mistake("%s is %w", envStorageService, err)
		return nil
	}
	s, err := store.OpenService(service, identity(env), container, store.Options{})
	if err != nil {
		env.Mistake("%s is %w", envStorageService, err)
	}
	return s
}

// identity returns the app's managed identity: that of a client id, or else the one
// that Azure assigned.
func identity(env *worker.Environment) azcore.TokenCredential {
	var options azidentity.ManagedIdentityCredentialOptions
	if id := env.Text(envStorageClientID, ""); id != "" {
		options.ID = azidentity.ClientID(id)
	}
	credential, err := azidentity.NewManagedIdentityCredential(&options)
	if err != nil {
		env.Mistake("no managed identity: %w", err)
	}
	return credential
}
