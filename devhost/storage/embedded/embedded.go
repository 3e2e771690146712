// Package embedded is storage that lies on disk as a tree that a person can
// read: a file for each message, row and blob.
//
//	queues/<queue>/<time>-<id>.json
//	tables/<table>/<partition key>/<row key>.json
//	blobs/<container>/<name>
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp-functions/devhost/storage"
)

var _ storage.Storage = (*Storage)(nil)

// Storage is a tree on disk. Only its owner can read it: what is in it is
// people's conversations. It is safe for many goroutines, of one process.
type Storage struct {
	// QueueText says that messages are stored as they are, not in base64:
	// then larger ones fit.
	QueueText bool

	root string
	mu   sync.Mutex
	last time.Time
}

// Open uses the tree at root, which need not exist.
func Open(root string) (*Storage, error) {
	err := os.MkdirAll(root, 0o700)
	if err == nil {
		err = os.Chmod(root, 0o700) // it may be there already
	}
	if err == nil {
		err = sweep(root)
	}
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return &Storage{root: root}, nil
}

// unwritten are files that are being written, or were when a run was killed.
const unwritten = ".writing-"

// sweep removes what others may have left unwritten. What is written now is
// left alone: it may be of a devhost that runs while outputs are looked at.
func sweep(root string) error {
	entries, err := os.ReadDir(root)
	for _, entry := range entries {
		info, gone := entry.Info()
		if gone == nil && strings.HasPrefix(entry.Name(), unwritten) && time.Since(info.ModTime()) > time.Minute {
			err = errors.Join(err, os.Remove(filepath.Join(root, entry.Name())))
		}
	}
	return err
}

// Local implements [storage.Storage].
func (s *Storage) Local() bool { return true }

// Clear implements [storage.Storage].
func (s *Storage) Clear(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures []error
	for _, kind := range []string{"queues", "tables", "blobs"} {
		failures = append(failures, os.RemoveAll(s.path(kind)))
	}
	return errors.Join(failures...)
}

// now is the time, later at each call, so that files sort as they came.
func (s *Storage) now() time.Time {
	now := time.Now().UTC()
	if !now.After(s.last) {
		now = s.last.Add(time.Nanosecond)
	}
	s.last = now
	return now
}

func (s *Storage) path(parts ...string) string {
	return filepath.Join(append([]string{s.root}, parts...)...)
}

// write makes a file appear whole or not at all.
func (s *Storage) write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(s.root, unwritten+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// folders are the names of the folders in one, in order.
func (s *Storage) folders(parts ...string) ([]string, error) {
	entries, err := os.ReadDir(s.path(parts...))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// files reads every file below a folder, in the order of their paths relative
// to it.
func (s *Storage) files(read func(name string, content []byte, info fs.FileInfo) error, parts ...string) error {
	root := s.path(parts...)
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return read(filepath.ToSlash(name), content, info)
	})
}

// byKeys orders rows as a table does.
func byKeys(a, b storage.Row) int {
	return cmp.Or(strings.Compare(a.PartitionKey, b.PartitionKey), strings.Compare(a.RowKey, b.RowKey))
}

func sortRows(rows []storage.Row) { slices.SortFunc(rows, byKeys) }
