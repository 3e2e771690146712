package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// window prints whether free text may be sent: until the latest ReplyBy of a
// person's conversations, one with the phone number and one with the
// business-scoped id. The first row of a conversation is its newest message.
func window(ctx context.Context, s storage, conversations []string) error {
	var until string
	for _, conversation := range conversations {
		key, err := conversationKey(conversation)
		if err != nil {
			return fmt.Errorf("%w\n\n%w", err, errUsage)
		}
		var row struct{ ReplyBy string }
		if _, err := first(ctx, s.tables.NewClient("Messages"), key, &row); err != nil {
			return err
		}
		until = max(until, row.ReplyBy) // the times sort as strings
	}
	switch {
	case until == "":
		fmt.Println("a template only: no message has been received")
	case until > time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z"):
		fmt.Printf("free text until %s\n", until)
	default:
		fmt.Printf("a template only, since %s\n", until)
	}
	return nil
}

// statusRow is a row of MessageStatus.
type statusRow struct {
	Status, FailureClass, Retry string
	Rank                        int64 `json:",string"`
}

// reached reports whether the message has been delivered.
func (r statusRow) reached() bool { return r.Rank >= 20 }

// currentStatus returns the first row of a message, which is its current
// status, whatever the order of arrival.
func currentStatus(ctx context.Context, s storage, messageID string) (row statusRow, found bool, err error) {
	found, err = first(ctx, s.tables.NewClient("MessageStatus"), messageKey(messageID), &row)
	return row, found, err
}

// status prints the current status of a message by the id that sending it
// returned.
func status(ctx context.Context, s storage, messageID string) error {
	row, found, err := currentStatus(ctx, s, messageID)
	switch {
	case err != nil:
		return err
	case !found: // not a failure: it may arrive later
		fmt.Println("no status yet")
	case row.FailureClass != "":
		fmt.Printf("%s: %s, retry: %s\n", row.Status, row.FailureClass, row.Retry)
	default:
		fmt.Println(row.Status)
	}
	return nil
}

// first reads the first row of a partition. Where the table does not exist yet
// there is none.
func first(ctx context.Context, table *aztables.Client, partition string, row any) (found bool, err error) {
	filter := fmt.Sprintf("PartitionKey eq '%s'", strings.ReplaceAll(partition, "'", "''"))
	pages := table.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: &filter, Top: new(int32(1))})
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, allowing(http.StatusNotFound, err)
		}
		if len(page.Entities) > 0 {
			return true, json.Unmarshal(page.Entities[0], row)
		}
	}
	return false, nil
}
