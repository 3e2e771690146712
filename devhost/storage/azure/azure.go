// Package azure is an Azure Storage account, or Azurite, through Microsoft's
// clients.
package azure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"

	"whatsapp-functions/devhost/storage"
)

var _ storage.Storage = (*Account)(nil)

// Account is a storage account.
type Account struct {
	// QueueText says that queue messages are stored as they are, not in
	// base64.
	QueueText bool

	blobs  *azblob.Client
	queues *azqueue.ServiceClient
	tables *aztables.ServiceClient
	local  bool
}

// developmentStorage is what UseDevelopmentStorage=true stands for: the clients
// do not know it. The key is the emulator's, and public.
const developmentStorage = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"

// Open uses the account of a connection string. It makes sure that the account
// answers.
func Open(ctx context.Context, connection string) (*Account, error) {
	if strings.EqualFold(strings.TrimSuffix(strings.TrimSpace(connection), ";"), "UseDevelopmentStorage=true") {
		connection = developmentStorage
	}
	a := &Account{}
	var err error
	// Whoever waits for a delivery waits for thirty seconds at most.
	options := policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: 2, RetryDelay: 200 * time.Millisecond}}
	if a.blobs, err = azblob.NewClientFromConnectionString(connection, &azblob.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: this is no connection string of a storage account")
	}
	if a.queues, err = azqueue.NewServiceClientFromConnectionString(connection, &azqueue.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: the connection string has no queue endpoint")
	}
	options.PerCallPolicies = []policy.Policy{transactionErrors{}}
	if a.tables, err = aztables.NewServiceClientFromConnectionString(connection, &aztables.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: the connection string has no table endpoint")
	}
	endpoint, err := url.Parse(a.blobs.URL())
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	ip := net.ParseIP(endpoint.Hostname())
	a.local = endpoint.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if _, err := a.queues.GetServiceProperties(ctx, nil); err != nil {
		return nil, fmt.Errorf("storage at %s does not answer: %s", endpoint.Host, brief(err))
	}
	return a, nil
}

// Local implements [storage.Storage]: an emulator is on this machine.
func (a *Account) Local() bool { return a.local }

// isCode reports whether the service answered with one of these error codes.
func isCode(err error, codes ...string) bool {
	response, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if response.ErrorCode == code {
			return true
		}
	}
	return false
}

// brief is an error without the page of headers that the clients add.
func brief(err error) string {
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Sprintf("%d %s", response.StatusCode, response.ErrorCode)
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation.Err.Error()
	}
	return err.Error()
}
