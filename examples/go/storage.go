package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// storage is the account ConversationStorage.
type storage struct {
	queues *azqueue.ServiceClient
	tables *aztables.ServiceClient
}

// open takes an account name, which needs roles for the identity that runs the
// program, or a connection string, as Azurite has one.
func open(account string) (s storage, err error) {
	if strings.Contains(account, "=") {
		if s.queues, err = azqueue.NewServiceClientFromConnectionString(account, nil); err != nil {
			return s, err
		}
		s.tables, err = aztables.NewServiceClientFromConnectionString(account, nil)
		return s, err
	}
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return s, err
	}
	if s.queues, err = azqueue.NewServiceClient(fmt.Sprintf("https://%s.queue.core.windows.net/", account), credential, nil); err != nil {
		return s, err
	}
	s.tables, err = aztables.NewServiceClient(fmt.Sprintf("https://%s.table.core.windows.net/", account), credential, nil)
	return s, err
}

// persist repeats a storage operation until it succeeds: a storage error is not
// the fault of a message, so it pauses the consumer and counts as no attempt.
// Once ctx is cancelled, the next error is returned.
func persist(ctx context.Context, operation func(context.Context) error) error {
	for {
		err := operation(context.WithoutCancel(ctx))
		if err == nil || ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "storage, trying again: %v\n", err)
		sleep(ctx, 2*time.Second)
	}
}

// sleep waits. It returns false if ctx is cancelled before the time is over.
func sleep(ctx context.Context, duration time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(duration):
		return true
	}
}

// hasStatus reports whether an error is an answer of the service with that
// status.
func hasStatus(err error, status int) bool {
	var answer *azcore.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == status
}

// allowing returns nil for an answer with that status, and other errors.
func allowing(status int, err error) error {
	if hasStatus(err, status) {
		return nil
	}
	return err
}

// createQueue creates a queue unless it exists.
func createQueue(ctx context.Context, queue *azqueue.QueueClient) error {
	_, err := queue.Create(ctx, nil)
	return allowing(http.StatusConflict, err)
}

// createTable creates a table unless it exists.
func createTable(ctx context.Context, table *aztables.Client) error {
	_, err := table.CreateTable(ctx, nil)
	return allowing(http.StatusConflict, err)
}
