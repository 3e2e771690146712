package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// addRows checks all rows and writes them in the second phase.
func (o *output) addRows(ctx context.Context) error {
	table, err := o.resolve("tableName")
	if err != nil {
		return err
	}
	o.target = "table " + table
	items, err := o.content.items()
	if err != nil {
		return err
	}
	rows := rows{write: func(ctx context.Context, changes []storage.Change) error {
		err := o.store.Write(ctx, table, changes)
		if errors.Is(err, storage.ErrConflict) {
			return fmt.Errorf("%w: a row without an ETag is only inserted, so a redelivered event fails every time; send \"ETag\":\"*\" to replace it", err)
		}
		for _, c := range changes {
			if err == nil {
				o.items = append(o.items, Item{c.Row.PartitionKey + " " + c.Row.RowKey, storage.EncodeRow(c.Row)})
			}
		}
		return err
	}}
	for _, item := range items {
		change, err := newChange(item, o.binding.Text("partitionKey"), o.binding.Text("rowKey"))
		if err == nil {
			err = rows.add(ctx, change)
		}
		if err != nil {
			return err
		}
	}
	o.finish = rows.flush
	return nil
}

// The sizes at which rows are written before the second phase.
const (
	maxTransaction = 100
	maxPartitions  = 1000
)

// rows collects changes in one transaction for each partition (TableEntityWriter.cs).
type rows struct {
	write        func(ctx context.Context, changes []storage.Change) error
	transactions [][]storage.Change
}

// add adds a change. It writes a full transaction, or the one with the same row,
// at once, and everything if there are too many partitions.
func (r *rows) add(ctx context.Context, c storage.Change) error {
	i := slices.IndexFunc(r.transactions, func(t []storage.Change) bool { return t[0].Row.PartitionKey == c.Row.PartitionKey })
	if i < 0 && len(r.transactions) == maxPartitions {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	if i < 0 {
		r.transactions = append(r.transactions, []storage.Change{c})
		return nil
	}
	t := &r.transactions[i]
	if slices.ContainsFunc(*t, func(other storage.Change) bool { return other.Row.RowKey == c.Row.RowKey }) {
		if err := r.write(ctx, *t); err != nil {
			return err
		}
		*t = nil
	}
	*t = append(*t, c)
	if len(*t) < maxTransaction {
		return nil
	}
	full := *t
	r.transactions = slices.Delete(r.transactions, i, i+1)
	return r.write(ctx, full)
}

// flush writes everything, one partition after the other.
func (r *rows) flush(ctx context.Context) error {
	for _, t := range r.transactions {
		if err := r.write(ctx, t); err != nil {
			return err
		}
	}
	r.transactions = nil
	return nil
}

// newChange reads an item as a row (TablesExtensionConfigProvider.cs). The names
// of keys and ETag match in any case. Keys that the item does not have come from
// function.json. Dates stay strings, and a null is left out.
func newChange(item []byte, partitionKey, rowKey string) (storage.Change, error) {
	value, err := dotnet.Read(item, dotnet.Options{})
	if err != nil {
		return storage.Change{}, fmt.Errorf("a row must be a JSON object: %w", err)
	}
	if value.Kind != dotnet.KindObject {
		return storage.Change{}, errors.New("a row must be a JSON object")
	}
	change := storage.Change{Row: storage.Row{PartitionKey: partitionKey, RowKey: rowKey}, If: storage.Absent}
	hasPartitionKey, hasRowKey := partitionKey != "", rowKey != ""
	for _, field := range value.Fields {
		if field.Value.Kind == dotnet.KindNull {
			continue
		}
		key := &change.If
		switch strings.ToLower(field.Name) {
		case "partitionkey":
			key, hasPartitionKey = &change.Row.PartitionKey, true
		case "rowkey":
			key, hasRowKey = &change.Row.RowKey, true
		case "etag":
		default:
			column, err := newColumn(field.Name, field.Value)
			if err != nil {
				return storage.Change{}, err
			}
			change.Row.Columns = append(change.Row.Columns, column)
			continue
		}
		if field.Value.Kind != dotnet.KindString {
			return storage.Change{}, fmt.Errorf("%s must be a string", field.Name)
		}
		*key = field.Value.Text
	}
	if !hasPartitionKey || !hasRowKey {
		return storage.Change{}, errors.New("a row needs a PartitionKey and a RowKey")
	}
	return change, errors.Join(
		storage.CheckKeyCharacters("PartitionKey", change.Row.PartitionKey),
		storage.CheckKeyCharacters("RowKey", change.Row.RowKey))
}

func newColumn(name string, v dotnet.Value) (storage.Column, error) {
	switch v.Kind {
	case dotnet.KindBool:
		return storage.Column{Name: name, Type: storage.Boolean, Value: v.Bool}, nil
	case dotnet.KindFloat:
		return storage.Column{Name: name, Type: storage.Double, Value: v.Float}, nil
	case dotnet.KindInteger:
		number, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return storage.Column{}, fmt.Errorf("column %s: the integer needs more than 64 bits", name)
		}
		return storage.Column{Name: name, Type: storage.Int64, Value: number}, nil
	default:
		return storage.Column{Name: name, Type: storage.String, Value: v.String()}, nil
	}
}
