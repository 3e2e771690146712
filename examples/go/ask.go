package main

import (
	"cmp"
	"context"
	"encoding/json/v2"
	"fmt"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// window tells whether free text may be sent: until the latest ReplyBy of all
// the conversations that a person has, one for a phone number and one for a
// business-scoped id. The newest row of a conversation comes first.
func window(ctx context.Context, s storage, conversations []string) error {
	var until string
	for _, conversation := range conversations {
		var row struct{ ReplyBy string }
		if _, err := first(ctx, s.tables.NewClient("Messages"), conversation, &row); err != nil {
			return err
		}
		until = max(until, row.ReplyBy) // the times sort as texts
	}
	if until > time.Now().UTC().Format("2006-01-02T15:04:05.0000000Z") {
		fmt.Printf("free text until %s\n", until)
	} else {
		fmt.Printf("a template only, since %s\n", cmp.Or(until, "ever"))
	}
	return nil
}

// status tells what became of a message. Its statuses have its id, which
// sending it returned, as partition; the first row is the status that counts.
// None is no failure: it may not have come yet.
func status(ctx context.Context, s storage, messageID string) error {
	var row struct{ Status, FailureClass, Retry string }
	switch found, err := first(ctx, s.tables.NewClient("MessageStatus"), messageID, &row); {
	case err != nil:
		return err
	case !found:
		fmt.Println("no status yet")
	case row.FailureClass != "":
		fmt.Printf("%s: %s, retry: %s\n", row.Status, row.FailureClass, row.Retry)
	default:
		fmt.Println(row.Status)
	}
	return nil
}

// first reads the first row of a partition.
func first(ctx context.Context, table *aztables.Client, partition string, row any) (found bool, err error) {
	filter := fmt.Sprintf("PartitionKey eq '%s'", strings.ReplaceAll(partition, "'", "''"))
	pages := table.NewListEntitiesPager(&aztables.ListEntitiesOptions{Filter: &filter, Top: new(int32(1))})
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		if len(page.Entities) > 0 {
			return true, json.Unmarshal(page.Entities[0], row)
		}
	}
	return false, nil
}
