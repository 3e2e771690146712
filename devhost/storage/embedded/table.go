package embedded

import (
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io/fs"
	"os"

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
		if err := s.write(s.rowPath(table, row), lines(storage.EncodeRow(row))); err != nil {
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
		row, err := storage.DecodeRow(there)
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
		row, err := storage.DecodeRow(content)
		if err != nil {
			return fmt.Errorf("table %s, file %s: %w", table, name, err)
		}
		rows = append(rows, row)
		return nil
	}, "tables", table)
	sortRows(rows)
	return rows, err
}

// lines puts a row's members on lines, for people.
func lines(row jsontext.Value) []byte {
	_ = row.Indent() // it is JSON
	return append(row, '\n')
}
