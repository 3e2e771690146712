package azure

import (
	"context"
	"errors"

	"whatsapp-functions/devhost/storage"
)

// Clear implements [storage.Storage].
func (a *Account) Clear(ctx context.Context) error {
	if !a.local {
		return storage.ErrNotLocal
	}
	return errors.Join(a.clearQueues(ctx), a.clearTables(ctx), a.clearBlobs(ctx))
}

func (a *Account) clearQueues(ctx context.Context) error {
	queues, err := a.Queues(ctx)
	for _, queue := range queues {
		_, failure := a.queues.NewQueueClient(queue).ClearMessages(ctx, nil)
		err = errors.Join(err, failure)
	}
	return err
}

func (a *Account) clearTables(ctx context.Context) error {
	tables, err := a.Tables(ctx)
	for _, table := range tables {
		rows, failure := a.Rows(ctx, table)
		err = errors.Join(err, failure)
		for _, row := range rows {
			_, failure := a.tables.NewClient(table).DeleteEntity(ctx, row.PartitionKey, row.RowKey, nil)
			err = errors.Join(err, failure)
		}
	}
	return err
}

func (a *Account) clearBlobs(ctx context.Context) error {
	containers, err := a.Containers(ctx)
	for _, container := range containers {
		blobs, failure := a.Blobs(ctx, container)
		err = errors.Join(err, failure)
		for _, blob := range blobs {
			_, failure := a.blobs.DeleteBlob(ctx, container, blob.Name, nil)
			err = errors.Join(err, failure)
		}
	}
	return err
}
