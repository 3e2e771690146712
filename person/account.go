package main

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// account is a storage account.
type account struct {
	tables *aztables.ServiceClient
	queues *azqueue.ServiceClient
	blobs  *azblob.Client
}

// developmentStorage replaces UseDevelopmentStorage=true, which the clients do not
// accept. The key is that of Azurite, and public:
// https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const developmentStorage = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"

// clientOptions are those of all clients.
var clientOptions = policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: 3, RetryDelay: 200 * time.Millisecond}}

// open opens the account that the flags or the environment name.
func (o options) open(getenv func(string) string) (account, error) {
	if o.account != "" && o.connection != "" {
		return account{}, usageError("pass --account or --connection, not both")
	}
	if o.account != "" {
		return openWithIdentity(o.account)
	}
	connection := o.connection
	if connection == "" {
		connection = getenv(envConnection)
	}
	if connection == "" {
		return account{}, usageError("set %s to a connection string, or pass --account", envConnection)
	}
	return openConnection(connection)
}

// openConnection opens the account of a connection string. Errors do not quote it.
func openConnection(connection string) (a account, err error) {
	if strings.EqualFold(strings.TrimSuffix(strings.TrimSpace(connection), ";"), "UseDevelopmentStorage=true") {
		connection = developmentStorage
	}
	var errs [3]error
	a.tables, errs[0] = aztables.NewServiceClientFromConnectionString(connection, &aztables.ClientOptions{ClientOptions: clientOptions})
	a.queues, errs[1] = azqueue.NewServiceClientFromConnectionString(connection, &azqueue.ClientOptions{ClientOptions: clientOptions})
	a.blobs, errs[2] = azblob.NewClientFromConnectionString(connection, &azblob.ClientOptions{ClientOptions: clientOptions})
	if errors.Join(errs[:]...) != nil {
		return account{}, usageError("not a connection string of a storage account with tables, queues and blobs")
	}
	return a, nil
}

// openWithIdentity opens an account with the credential of the environment.
func openWithIdentity(name string) (a account, err error) {
	tables, queues, blobs, err := endpoints(name)
	if err != nil {
		return account{}, err
	}
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return account{}, err
	}
	return openEndpoints(tables, queues, blobs, credential)
}

func openEndpoints(tables, queues, blobs string, credential azcore.TokenCredential) (a account, err error) {
	var errs [3]error
	a.tables, errs[0] = aztables.NewServiceClient(tables, credential, &aztables.ClientOptions{ClientOptions: clientOptions})
	a.queues, errs[1] = azqueue.NewServiceClient(queues, credential, &azqueue.ClientOptions{ClientOptions: clientOptions})
	a.blobs, errs[2] = azblob.NewClient(blobs, credential, &azblob.ClientOptions{ClientOptions: clientOptions})
	return a, errors.Join(errs[:]...)
}

// endpoints returns the addresses of an account's services. The account is given by
// its name, or by the address of one of its services.
func endpoints(name string) (tables, queues, blobs string, err error) {
	if !strings.ContainsAny(name, ":/.") {
		name = "https://" + name + ".blob.core.windows.net"
	}
	u, err := url.Parse(name)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return "", "", "", usageError("--account must be the name of a storage account, or an address such as https://<account>.blob.core.windows.net")
	}
	if _, err := netip.ParseAddr(u.Hostname()); u.Scheme != "https" || err == nil {
		return "", "", "", usageError("--account must be https://, and not an IP address: for Azurite pass --connection")
	}
	account, rest, _ := strings.Cut(u.Host, ".")
	_, domain, ok := strings.Cut(rest, ".")
	if !ok || account == "" {
		return "", "", "", usageError("--account must be the name of a storage account, or an address such as https://<account>.blob.core.windows.net")
	}
	service := func(kind string) string { return "https://" + account + "." + kind + "." + domain + "/" }
	return service("table"), service("queue"), service("blob"), nil
}
