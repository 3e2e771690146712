package embedded

import (
	"bytes"
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage"
)

// Write implements [storage.Storage].
func (s *Storage) Write(_ context.Context, table string, changes []storage.Change) error {
	if err := storage.CheckChanges(table, changes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range changes {
		if err := s.allowed(table, change); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	for _, change := range changes {
		row := change.Row
		row.Timestamp = s.now()
		row.ETag = `W/"datetime'` + row.Timestamp.Format(messageTime) + `'"`
		if err := s.write(s.rowPath(table, row), encodeRow(row)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Storage) allowed(table string, change storage.Change) error {
	there, err := os.ReadFile(s.rowPath(table, change.Row))
	exists := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch change.If {
	case storage.Always:
		return nil
	case storage.Absent:
		if exists {
			return storage.ErrConflict
		}
		return nil
	default:
		if !exists {
			return storage.ErrCondition
		}
		row, err := decodeRow(there)
		if err == nil && row.ETag != change.If {
			err = storage.ErrCondition
		}
		return err
	}
}

func (s *Storage) rowPath(table string, row storage.Row) string {
	return s.path("tables", table, fileName(row.PartitionKey), fileName(row.RowKey)+".json")
}

// Tables implements [storage.Storage].
func (s *Storage) Tables(context.Context) ([]string, error) {
	return s.folders("tables")
}

// Rows implements [storage.Storage].
func (s *Storage) Rows(_ context.Context, table string) ([]storage.Row, error) {
	var rows []storage.Row
	err := s.files(func(name string, content []byte, _ fs.FileInfo) error {
		row, err := decodeRow(content)
		if err != nil {
			return fmt.Errorf("table %s, file %s: %w", table, name, err)
		}
		rows = append(rows, row)
		return nil
	}, "tables", table)
	sortRows(rows)
	return rows, err
}

// A row's file is the row as the table service writes it in JSON: a type is
// told where the value does not tell it.
const (
	memberPartitionKey = "PartitionKey"
	memberRowKey       = "RowKey"
	memberTimestamp    = "Timestamp"
	memberETag         = "odata.etag"
	typeSuffix         = "@odata.type"
)

func encodeRow(row storage.Row) []byte {
	text := []byte("{")
	member := func(name string, value any) {
		if len(text) > 1 {
			text = append(text, ',')
		}
		text, _ = jsontext.AppendQuote(text, name)
		encoded, err := json.Marshal(value)
		if err != nil {
			panic(err) // nothing but text, numbers and truth values
		}
		text = append(append(text, ':'), encoded...)
	}
	member(memberPartitionKey, row.PartitionKey)
	member(memberRowKey, row.RowKey)
	member(memberTimestamp, row.Timestamp.Format(time.RFC3339Nano))
	member(memberETag, row.ETag)
	for _, c := range row.Columns {
		switch value := c.Value.(type) {
		case int64:
			member(c.Name+typeSuffix, string(c.Type))
			member(c.Name, strconv.FormatInt(value, 10))
		case float64:
			member(c.Name+typeSuffix, string(c.Type))
			member(c.Name, value)
		default:
			member(c.Name, value)
		}
	}
	indented := jsontext.Value(append(text, '}'))
	_ = indented.Indent() // it is JSON
	return append(indented, '\n')
}

func decodeRow(text []byte) (storage.Row, error) {
	var row storage.Row
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.ReadToken(); err != nil {
		return row, err
	}
	types := map[string]storage.Type{}
	for decoder.PeekKind() == jsontext.KindString {
		var name string
		var value any
		if err := json.UnmarshalDecode(decoder, &name); err != nil {
			return row, err
		}
		if err := json.UnmarshalDecode(decoder, &value); err != nil {
			return row, err
		}
		text, _ := value.(string)
		if column, ok := strings.CutSuffix(name, typeSuffix); ok {
			types[column] = storage.Type(text)
			continue
		}
		var err error
		switch name {
		case memberPartitionKey:
			row.PartitionKey = text
		case memberRowKey:
			row.RowKey = text
		case memberTimestamp:
			row.Timestamp, err = time.Parse(time.RFC3339Nano, text)
		case memberETag:
			row.ETag = text
		default:
			var column storage.Column
			column, err = decodeColumn(name, types[name], value)
			row.Columns = append(row.Columns, column)
		}
		if err != nil {
			return row, err
		}
	}
	_, err := decoder.ReadToken()
	return row, err
}

func decodeColumn(name string, as storage.Type, value any) (storage.Column, error) {
	column := storage.Column{Name: name, Type: as, Value: value}
	switch value := value.(type) {
	case bool:
		column.Type = storage.Boolean
	case float64:
		column.Type = storage.Double
	case string:
		if as != storage.Int64 {
			column.Type = storage.String
			break
		}
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return column, err
		}
		column.Value = number
	}
	return column, nil
}
