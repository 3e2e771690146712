package azure

import (
	"context"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"whatsapp-functions/devhost/storage"
)

// Write implements [storage.Writer].
func (a *Account) Write(ctx context.Context, table string, changes []storage.Change) error {
	// Azurite accepts rows and keys that Azure refuses.
	if err := storage.CheckChanges(table, changes); err != nil {
		return err
	}
	actions := make([]aztables.TransactionAction, len(changes))
	for i, change := range changes {
		actions[i] = aztables.TransactionAction{Entity: storage.EncodeRow(change.Row)}
		switch change.If {
		case storage.Absent:
			actions[i].ActionType = aztables.TransactionTypeAdd
		case storage.Always:
			actions[i].ActionType = aztables.TransactionTypeInsertReplace
		default:
			tag := azcore.ETag(change.If)
			actions[i].ActionType, actions[i].IfMatch = aztables.TransactionTypeUpdateReplace, &tag
		}
	}
	client := a.tables.NewClient(table)
	return create("table "+table, string(aztables.TableNotFound), string(aztables.TableAlreadyExists), func() error {
		_, err := client.SubmitTransaction(ctx, actions, nil)
		switch {
		case isCode(err, string(aztables.EntityAlreadyExists)):
			return storage.ErrConflict
		case isCode(err, string(aztables.UpdateConditionNotSatisfied), string(aztables.ResourceNotFound), "EntityNotFound"):
			return storage.ErrCondition
		}
		return err
	}, func() error {
		_, err := client.CreateTable(ctx, nil)
		return err
	})
}

// Rows implements [storage.Reader].
func (a *Account) Rows(ctx context.Context, table string) ([]storage.Row, error) {
	part, err := a.PeekRows(ctx, table, all)
	return part.Items, err
}

// PeekRows implements [storage.Peeker].
func (a *Account) PeekRows(ctx context.Context, table string, limit int) (part storage.Part[storage.Row], err error) {
	entities, err := a.entities(ctx, table, limit, nil)
	for _, entity := range entities.Items {
		row, failure := storage.DecodeRow(entity)
		if failure != nil {
			err = errors.Join(err, fmt.Errorf("table %s: %w", table, failure))
		}
		part.Items = append(part.Items, row)
	}
	part.More = entities.More
	return part, err
}

// entities returns rows as the service writes them, with all columns if none
// is named.
func (a *Account) entities(ctx context.Context, table string, limit int, columns *string) (storage.Part[[]byte], error) {
	top, format := int32(min(limit, pageLimit)), aztables.MetadataFormatFull
	pager := a.tables.NewClient(table).NewListEntitiesPager(&aztables.ListEntitiesOptions{Top: &top, Format: &format, Select: columns})
	return pages(ctx, pager, limit, "table "+table, string(aztables.TableNotFound), func(p aztables.ListEntitiesResponse) ([][]byte, error) {
		return p.Entities, nil
	})
}
