package bridge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// entity reads an item as the properties of a table's entity: keys, tag and
// columns, in order (TablesExtensionConfigProvider.cs). Dates stay texts.
// A null is left out.
func entity(item []byte) ([]storage.Column, error) {
	value, err := dotnet.Read(item, dotnet.Options{})
	if err != nil {
		return nil, fmt.Errorf("a row must be a JSON object: %w", err)
	}
	if value.Kind != dotnet.KindObject {
		return nil, errors.New("a row must be a JSON object")
	}
	var columns []storage.Column
	for _, m := range value.Fields {
		if m.Value.Kind == dotnet.KindNull {
			continue
		}
		column, err := column(m.Name, m.Value)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, nil
}

func column(name string, v dotnet.Value) (storage.Column, error) {
	switch v.Kind {
	case dotnet.KindBool:
		return storage.Column{Name: name, Type: storage.Boolean, Value: v.Bool}, nil
	case dotnet.KindFloat:
		return storage.Column{Name: name, Type: storage.Double, Value: v.Float}, nil
	case dotnet.KindInteger:
		number, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return storage.Column{}, fmt.Errorf("column %s: a whole number of more than 64 bits", name)
		}
		return storage.Column{Name: name, Type: storage.Int64, Value: number}, nil
	default:
		return storage.Column{Name: name, Type: storage.String, Value: v.String()}, nil
	}
}

// change makes of an entity what to do with a row (TableEntityWriter.cs). Keys
// and tag go by any case; keys that the entity lacks are those of
// function.json.
func change(columns []storage.Column, partitionKey, rowKey string) (storage.Change, error) {
	row := storage.Row{PartitionKey: partitionKey, RowKey: rowKey}
	condition := storage.Absent
	for _, c := range columns {
		text, isText := c.Value.(string)
		switch strings.ToLower(c.Name) {
		case "partitionkey":
			row.PartitionKey = text
		case "rowkey":
			row.RowKey = text
		case "etag":
			condition = text
		default:
			row.Columns = append(row.Columns, c)
			continue
		}
		if !isText {
			return storage.Change{}, fmt.Errorf("%s must be text", c.Name)
		}
	}
	if row.PartitionKey == "" || row.RowKey == "" {
		return storage.Change{}, errors.New("a row needs a PartitionKey and a RowKey")
	}
	return storage.Change{Row: row, If: condition}, nil
}
