package bridge

import (
	"context"
	"slices"

	"whatsapp-functions/devhost/storage"
)

// transactionRows is how many rows go into one transaction at most.
const transactionRows = 100

// writeRows writes changes as the host does: a transaction for the rows of a
// partition, a new one when it is full, or when a row comes again. Which
// partition goes first is not said.
func writeRows(ctx context.Context, store storage.Writer, table string, changes []storage.Change) error {
	var open []*transaction
	for _, c := range changes {
		i := slices.IndexFunc(open, func(t *transaction) bool { return t.partition == c.Row.PartitionKey })
		if i < 0 {
			i = len(open)
			open = append(open, &transaction{partition: c.Row.PartitionKey})
		}
		if t := open[i]; len(t.changes) == transactionRows || t.has(c.Row.RowKey) {
			if err := t.flush(ctx, store, table); err != nil {
				return err
			}
		}
		open[i].changes = append(open[i].changes, c)
	}
	for _, t := range open {
		if err := t.flush(ctx, store, table); err != nil {
			return err
		}
	}
	return nil
}

// transaction gathers changes of one partition.
type transaction struct {
	partition string
	changes   []storage.Change
}

func (t *transaction) has(rowKey string) bool {
	return slices.ContainsFunc(t.changes, func(c storage.Change) bool { return c.Row.RowKey == rowKey })
}

func (t *transaction) flush(ctx context.Context, store storage.Writer, table string) error {
	if len(t.changes) == 0 {
		return nil
	}
	err := store.Write(ctx, table, t.changes)
	t.changes = nil
	return err
}
