package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"whatsapp-functions/devhost/storage"
)

// CountMessages implements [storage.Peeker].
func (s *Storage) CountMessages(_ context.Context, queue string) (int, error) {
	names, err := s.list("queues", queue)
	return len(names), err
}

// CountRows implements [storage.Peeker]. It counts all of them.
func (s *Storage) CountRows(_ context.Context, table string, _ int) (int, error) {
	return s.count("tables", table)
}

// CountBlobs implements [storage.Peeker]. It counts all of them.
func (s *Storage) CountBlobs(_ context.Context, container string, _ int) (int, error) {
	return s.count("blobs", container)
}

// PeekMessages implements [storage.Peeker].
func (s *Storage) PeekMessages(_ context.Context, queue string, limit int) (storage.Part[storage.Message], error) {
	part := storage.Part[storage.Message]{Newest: true}
	names, err := s.list("queues", queue)
	if err != nil {
		return part, err
	}
	part.More, part.Count = len(names) > limit, len(names)
	for _, name := range names[max(0, len(names)-limit):] {
		content, err := os.ReadFile(s.path("queues", queue, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return part, err
		}
		message, err := newMessage(name, content)
		if err != nil {
			return part, err
		}
		part.Items = append(part.Items, message)
	}
	return part, nil
}

// PeekRows implements [storage.Peeker].
func (s *Storage) PeekRows(_ context.Context, table string, limit int) (storage.Part[storage.Row], error) {
	part := storage.Part[storage.Row]{Newest: true}
	files, count, err := s.newest(limit, "tables", table)
	if err != nil {
		return part, err
	}
	part.More, part.Count = count > len(files), count
	for _, file := range files {
		content, err := os.ReadFile(s.path("tables", table, file.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var row storage.Row
		if err == nil {
			row, err = storage.DecodeRow(content)
		}
		if err != nil {
			return part, fmt.Errorf("table %s, file %s: %w", table, file.name, err)
		}
		part.Items = append(part.Items, row)
	}
	sortRows(part.Items)
	return part, nil
}

// PeekBlobs implements [storage.Peeker].
func (s *Storage) PeekBlobs(_ context.Context, container string, limit int) (storage.Part[storage.BlobInfo], error) {
	files, count, err := s.newest(limit, "blobs", container)
	part := storage.Part[storage.BlobInfo]{Newest: true, More: count > len(files), Count: count}
	for _, file := range files {
		part.Items = append(part.Items, storage.BlobInfo{Name: blobName(filepath.ToSlash(file.name)), Modified: file.modified.UTC(), Size: file.size})
	}
	slices.SortFunc(part.Items, func(a, b storage.BlobInfo) int { return strings.Compare(a.Name, b.Name) })
	return part, err
}

// Blob implements [storage.Peeker].
func (s *Storage) Blob(_ context.Context, container, name string, limit int64) ([]byte, error) {
	if err := storage.CheckBlob(container, name); err != nil {
		return nil, err
	}
	file, err := os.Open(s.blobPath(container, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s/%s: %w", container, name, storage.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// entry is a file below a folder.
type entry struct {
	name     string
	modified time.Time
	size     int64
}

// newest are the files below a folder that were written last, and how many
// there are in all.
func (s *Storage) newest(limit int, parts ...string) (files []entry, count int, err error) {
	root := s.path(parts...)
	err = walk(root, func(name string, d fs.DirEntry) error {
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			files = append(files, entry{name, info.ModTime(), info.Size()})
		}
		return err
	})
	slices.SortFunc(files, func(a, b entry) int {
		return cmp.Or(b.modified.Compare(a.modified), strings.Compare(a.name, b.name))
	})
	return files[:min(limit, len(files))], len(files), err
}

// list are the files right in a folder, in order.
func (s *Storage) list(parts ...string) ([]string, error) {
	entries, err := os.ReadDir(s.path(parts...))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, err
}

// count counts the files below a folder.
func (s *Storage) count(parts ...string) (n int, err error) {
	err = walk(s.path(parts...), func(string, fs.DirEntry) error {
		n++
		return nil
	})
	return n, err
}

// walk goes through the files below a folder. What disappears meanwhile was
// not there.
func walk(root string, visit func(name string, entry fs.DirEntry) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(name, entry)
	})
}
