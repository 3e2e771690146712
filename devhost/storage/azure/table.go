package azure

import (
	"context"
	"fmt"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"whatsapp-functions/devhost/storage"
)

// Write implements [storage.Storage].
func (a *Account) Write(ctx context.Context, table string, changes []storage.Change) error {
	// Azurite takes rows and keys that Azure refuses.
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
	_, err := client.SubmitTransaction(ctx, actions, nil)
	if isCode(err, string(aztables.TableNotFound)) {
		if _, err = client.CreateTable(ctx, nil); err == nil || isCode(err, string(aztables.TableAlreadyExists)) {
			_, err = client.SubmitTransaction(ctx, actions, nil)
		}
	}
	switch {
	case err == nil:
		return nil
	case isCode(err, string(aztables.EntityAlreadyExists)):
		return fmt.Errorf("table %s: %w", table, storage.ErrConflict)
	case isCode(err, string(aztables.UpdateConditionNotSatisfied), string(aztables.ResourceNotFound), "EntityNotFound"):
		return fmt.Errorf("table %s: %w", table, storage.ErrCondition)
	default:
		return fmt.Errorf("table %s: %s", table, brief(err))
	}
}

// Tables implements [storage.Storage].
func (a *Account) Tables(ctx context.Context) ([]string, error) {
	var names []string
	pages := a.tables.NewListTablesPager(nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("tables: %s", brief(err))
		}
		for _, table := range page.Tables {
			names = append(names, *table.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Rows implements [storage.Storage].
func (a *Account) Rows(ctx context.Context, table string) ([]storage.Row, error) {
	var rows []storage.Row
	format := aztables.MetadataFormatFull
	pages := a.tables.NewClient(table).NewListEntitiesPager(&aztables.ListEntitiesOptions{Format: &format})
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if isCode(err, string(aztables.TableNotFound)) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("table %s: %s", table, brief(err))
		}
		for _, entity := range page.Entities {
			row, err := storage.DecodeRow(entity)
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", table, err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
