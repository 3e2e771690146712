package embedded

import (
	"cmp"
	"context"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"sync"

	"whatsapp-functions/devhost/storage"
)

// Write implements [storage.Writer].
func (s *Storage) Write(_ context.Context, table string, changes []storage.Change) error {
	if err := storage.CheckChanges(table, changes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range changes {
		if err := s.checkCondition(table, change); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	failures := make([]error, len(changes))
	var writing sync.WaitGroup
	for i, change := range changes {
		row := change.Row
		row.Timestamp = s.now()
		row.ETag = `W/"datetime'` + row.Timestamp.Format(messageTime) + `'"`
		text := jsontext.Value(storage.EncodeRow(row))
		_ = text.Indent() // it is JSON
		writing.Go(func() { failures[i] = s.Folder.Write(s.rowPath(table, row), append(text, '\n')) })
	}
	writing.Wait()
	return errors.Join(failures...)
}

func (s *Storage) checkCondition(table string, change storage.Change) error {
	if change.If == storage.Always {
		return nil
	}
	existing, err := os.ReadFile(s.rowPath(table, change.Row))
	exists := !errors.Is(err, fs.ErrNotExist)
	switch {
	case exists && err != nil:
		return err
	case change.If == storage.Absent && exists:
		return storage.ErrConflict
	case change.If == storage.Absent:
		return nil
	}
	row, err := storage.DecodeRow(existing)
	if !exists || err == nil && row.ETag != change.If {
		return storage.ErrCondition
	}
	return err
}

func (s *Storage) rowPath(table string, row storage.Row) string {
	return s.Folder.Path("tables", table, fileName(row.PartitionKey), fileName(row.RowKey)+".json")
}

// Rows implements [storage.Reader].
func (s *Storage) Rows(ctx context.Context, table string) ([]storage.Row, error) {
	part, err := s.PeekRows(ctx, table, math.MaxInt)
	return part.Items, err
}

// PeekRows implements [storage.Peeker].
func (s *Storage) PeekRows(_ context.Context, table string, limit int) (storage.Part[storage.Row], error) {
	files, err := s.files(storage.Tables, table)
	if err != nil {
		return storage.Part[storage.Row]{}, err
	}
	files, part := newest[storage.Row](files, limit)
	part.Items, err = readFiles(s, files, func(_ file, content []byte) (storage.Row, error) { return storage.DecodeRow(content) })
	slices.SortFunc(part.Items, func(a, b storage.Row) int {
		return cmp.Or(cmp.Compare(a.PartitionKey, b.PartitionKey), cmp.Compare(a.RowKey, b.RowKey))
	})
	return part, err
}
