// Package azure reads and writes an Azure Storage account, or Azurite, through
// Microsoft's clients.
package azure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"whatsapp-functions/devhost/storage"
)

var _ storage.Storage = (*Account)(nil)

// Account is a storage account.
type Account struct {
	// QueueText stores queue messages unchanged, not in base64.
	QueueText bool

	blobs  *azblob.Client
	queues *azqueue.ServiceClient
	tables *aztables.ServiceClient
	local  bool
}

// developmentStorage replaces UseDevelopmentStorage=true, which the clients do
// not accept. The key is the emulator's, and public.
const developmentStorage = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
	"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
	"BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1"

// Open uses the account of a connection string, and checks that it answers.
func Open(ctx context.Context, connection string) (*Account, error) {
	if strings.EqualFold(strings.TrimSuffix(strings.TrimSpace(connection), ";"), "UseDevelopmentStorage=true") {
		connection = developmentStorage
	}
	a := &Account{}
	var err error
	// A delivery waits 30 seconds at most.
	options := policy.ClientOptions{Retry: policy.RetryOptions{MaxRetries: 2, RetryDelay: 200 * time.Millisecond}}
	if a.blobs, err = azblob.NewClientFromConnectionString(connection, &azblob.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: not a connection string of a storage account")
	}
	if a.queues, err = azqueue.NewServiceClientFromConnectionString(connection, &azqueue.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: the connection string has no queue endpoint")
	}
	options.PerCallPolicies = []policy.Policy{transactionErrors{}}
	if a.tables, err = aztables.NewServiceClientFromConnectionString(connection, &aztables.ClientOptions{ClientOptions: options}); err != nil {
		return nil, errors.New("storage: the connection string has no table endpoint")
	}
	_, tables, _ := strings.Cut(connection, "TableEndpoint=")
	tables, _, _ = strings.Cut(tables, ";")
	a.local = isLoopback(a.blobs.URL()) && isLoopback(a.queues.URL()) && isLoopback(tables)
	if _, err := a.queues.GetServiceProperties(ctx, nil); err != nil {
		endpoint, _ := url.Parse(a.queues.URL())
		return nil, fmt.Errorf("storage at %s: %s", endpoint.Host, brief(err))
	}
	return a, nil
}

func isLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
}

// Local implements [storage.Storage]. All endpoints must be on this machine.
func (a *Account) Local() bool { return a.local }

// create writes, and creates the queue, table or container if it does not exist.
func create(what, notFound, exists string, write, create func() error) error {
	err := write()
	if isCode(err, notFound) {
		if err = create(); err == nil || isCode(err, exists) {
			err = write()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, brief(err))
	}
	return nil
}

// pageLimit is the most items that the service returns at once.
const pageLimit = 1000

// pages reads items until the limit. What does not exist has none.
func pages[Page, Item any](ctx context.Context, pager *runtime.Pager[Page], limit int, what, notFound string, items func(Page) ([]Item, error)) (part storage.Part[Item], err error) {
	for pager.More() && len(part.Items) < limit {
		page, err := pager.NextPage(ctx)
		if isCode(err, notFound) {
			return part, nil
		}
		if err != nil {
			return part, fmt.Errorf("%s: %w", what, brief(err))
		}
		more, err := items(page)
		if err != nil {
			return part, fmt.Errorf("%s: %w", what, err)
		}
		part.Items = append(part.Items, more...)
	}
	part.More = pager.More()
	return part, nil
}

// each converts the items of a page.
func each[From, To any](from []From, convert func(From) To) ([]To, error) {
	to := make([]To, len(from))
	for i, item := range from {
		to[i] = convert(item)
	}
	return to, nil
}

// Names implements [storage.Reader].
func (a *Account) Names(ctx context.Context, kind storage.Kind) (names []string, err error) {
	var part storage.Part[string]
	switch kind {
	case storage.Queues:
		part, err = pages(ctx, a.queues.NewListQueuesPager(nil), all, "queues", "", func(p azqueue.ListQueuesResponse) ([]string, error) {
			return each(p.Queues, func(q *azqueue.Queue) string { return *q.Name })
		})
	case storage.Tables:
		part, err = pages(ctx, a.tables.NewListTablesPager(nil), all, "tables", "", func(p aztables.ListTablesResponse) ([]string, error) {
			return each(p.Tables, func(t *aztables.TableProperties) string { return *t.Name })
		})
	default:
		part, err = pages(ctx, a.blobs.NewListContainersPager(nil), all, "containers", "", func(p azblob.ListContainersResponse) ([]string, error) {
			return each(p.ContainerItems, containerName)
		})
	}
	slices.Sort(part.Items)
	return part.Items, err
}

// Count implements [storage.Reader].
func (a *Account) Count(ctx context.Context, kind storage.Kind, name string, limit int) (int, error) {
	switch kind {
	case storage.Queues:
		return a.countMessages(ctx, name)
	case storage.Tables:
		rows, err := a.entities(ctx, name, limit, &[]string{"RowKey"}[0])
		return len(rows.Items), err
	default:
		blobs, err := a.PeekBlobs(ctx, name, limit)
		return len(blobs.Items), err
	}
}

// Clear implements [storage.Storage].
func (a *Account) Clear(ctx context.Context) error {
	if !a.local {
		return storage.ErrNotLocal
	}
	return errors.Join(
		clearStores(ctx, a, storage.Queues, func(queue string) error {
			_, err := a.queues.NewQueueClient(queue).ClearMessages(ctx, nil)
			return err
		}),
		clearStores(ctx, a, storage.Tables, func(table string) error {
			// The client can't delete a row with an empty PartitionKey.
			_, err := a.tables.DeleteTable(ctx, table, nil)
			return err
		}),
		clearStores(ctx, a, storage.Containers, func(container string) error {
			blobs, err := a.PeekBlobs(ctx, container, all)
			for _, blob := range blobs.Items {
				_, failure := a.blobs.DeleteBlob(ctx, container, blob.Name, nil)
				err = errors.Join(err, failure)
			}
			return err
		}))
}

func clearStores(ctx context.Context, a *Account, kind storage.Kind, clear func(name string) error) error {
	names, err := a.Names(ctx, kind)
	for _, name := range names {
		err = errors.Join(err, clear(name))
	}
	return err
}
