package store

import (
	"errors"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// developmentStorage replaces UseDevelopmentStorage=true, which the SDK refuses. The
// key is that of the emulator, and public:
// https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const developmentStorage = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1"

// Options change a store. The zero value is for production.
type Options struct {
	// Retry replaces the retries within a call.
	Retry *policy.RetryOptions
	// Transport replaces the HTTP client.
	Transport policy.Transporter
}

func (o Options) client() *container.ClientOptions {
	retry := attempts
	if o.Retry != nil {
		retry = *o.Retry
	}
	return &container.ClientOptions{ClientOptions: policy.ClientOptions{Retry: retry, Transport: o.Transport}}
}

// OpenConnection opens a container of the storage account of a connection string. The
// error does not quote it.
func OpenConnection(connection, name string, o Options) (*Store, error) {
	if strings.EqualFold(strings.TrimSuffix(strings.TrimSpace(connection), ";"), "UseDevelopmentStorage=true") {
		connection = developmentStorage
	}
	client, err := container.NewClientFromConnectionString(connection, name, o.client())
	if err != nil {
		return nil, errors.New("not a connection string of a storage account with blobs")
	}
	return &Store{name, client}, nil
}

// OpenService opens a container at the address of a blob service with a credential.
func OpenService(service *url.URL, credential azcore.TokenCredential, name string, o Options) (*Store, error) {
	client, err := container.NewClient(service.JoinPath(name).String(), credential, o.client())
	if err != nil {
		return nil, errors.New("not the address of a blob service")
	}
	return &Store{name, client}, nil
}
