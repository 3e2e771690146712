package main

import (
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// storage is the account ConversationStorage.
type storage struct {
	queues *azqueue.ServiceClient
	tables *aztables.ServiceClient
}

// open takes the account's name, for which whoever runs this needs roles on it;
// or a connection string, for Azurite.
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
