// Package embedded stores an account on disk as a tree that a person can read:
// a file for each message, row and blob. Other files have the state of messages
// that were received, the properties of blobs, and blocks before their commit.
//
//	queues/<queue>/<time>-<id>.json
//	received/<queue>/<id>.json
//	tables/<table>/<partition key>/<row key>.json
//	blobs/<container>/<name>
//	properties/<container>/<name>/<version>.json
//	uncommitted/<container>/<name>/<block>
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp-functions/devhost/durable"
	"whatsapp-functions/devhost/storage"
)

var _ storage.Storage = (*Storage)(nil)

// Storage is a tree on disk. Only its owner can read it, because it holds
// conversations. It is safe for concurrent use by one process.
type Storage struct {
	// QueueText stores messages unchanged, not in base64, so that larger ones
	// fit.
	QueueText bool
	// Warn is called once for each file that is skipped because it is not a
	// message, row or blob; nil to skip it silently.
	Warn func(text string)
	// Folder holds the tree.
	Folder durable.Folder

	// mu is held by writers for reading, so that they write at once, and
	// exclusively by transactions and Clear.
	mu sync.RWMutex
	// consuming is held by changes of messages that are in a queue.
	consuming sync.Mutex
	// committing is held by changes of blobs that depend on the present one.
	committing sync.Mutex
	clock      sync.Mutex
	last       time.Time
	skipped    sync.Map
}

// Open uses the tree at root, and creates it if it does not exist.
func Open(root string) (*Storage, error) {
	folder, err := durable.Open(root)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := &Storage{Folder: folder}
	return s, s.removeOldBlocks()
}

// folders are the parts of the tree.
var folders = map[storage.Kind]string{storage.Queues: "queues", storage.Tables: "tables", storage.Containers: "blobs"}

// Local implements [storage.Storage].
func (s *Storage) Local() bool { return true }

// Clear implements [storage.Storage].
func (s *Storage) Clear(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.consuming.Lock()
	defer s.consuming.Unlock()
	var err error
	for _, folder := range append(slices.Collect(maps.Values(folders)), statesFolder, propertiesFolder, blocksFolder) {
		err = errors.Join(err, os.RemoveAll(s.Folder.Path(folder)))
	}
	return err
}

// now returns the time, later at each call, so that files sort in the order of
// writing.
func (s *Storage) now() time.Time {
	s.clock.Lock()
	defer s.clock.Unlock()
	now := time.Now().UTC().Round(0) // without the monotonic clock, which names do not have
	if !now.After(s.last) {
		now = s.last.Add(time.Nanosecond)
	}
	s.last = now
	return now
}

// Names implements [storage.Reader].
func (s *Storage) Names(_ context.Context, kind storage.Kind) ([]string, error) {
	entries, err := os.ReadDir(s.Folder.Path(folders[kind]))
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

// Count implements [storage.Reader]. It counts all items.
func (s *Storage) Count(_ context.Context, kind storage.Kind, name string, _ int) (int, error) {
	if kind == storage.Queues {
		messages, err := s.messageFiles(name)
		return len(messages), err
	}
	files, err := s.files(kind, name)
	return len(files), err
}

// file is a file of a store.
type file struct {
	path     string
	name     string // relative to the store, with slashes
	modified time.Time
	size     int64
}

// files returns the files of a store in the order of their paths. It skips
// files that this package does not name so.
func (s *Storage) files(kind storage.Kind, store string) ([]file, error) {
	var files []file
	root := s.Folder.Path(folders[kind], store)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed in the meantime
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if !nameForms[kind](name) || !entry.Type().IsRegular() {
			s.skip(path, errors.New("devhost did not write it"))
			return nil
		}
		info, err := entry.Info()
		if err == nil {
			files = append(files, file{path, name, info.ModTime().UTC(), info.Size()})
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return files, err
}

// newest returns the files that were written last, in the order of their
// paths, and the rest of what a part reports.
func newest[T any](files []file, limit int) ([]file, storage.Part[T]) {
	part := storage.Part[T]{Newest: true, More: len(files) > limit, Count: len(files)}
	if part.More {
		// Files of one clock tick have the same time of modification.
		slices.SortFunc(files, func(a, b file) int {
			return cmp.Or(b.modified.Compare(a.modified), cmp.Compare(b.path, a.path))
		})
		files = files[:limit]
		slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.path, b.path) })
	}
	return files, part
}

// readFiles parses files. It skips those that are broken.
func readFiles[T any](s *Storage, files []file, parse func(f file, content []byte) (T, error)) ([]T, error) {
	var items []T
	for _, f := range files {
		content, err := os.ReadFile(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed in the meantime
		}
		if err != nil {
			return items, err
		}
		item, err := parse(f, content)
		if err != nil {
			s.skip(f.path, err)
			continue
		}
		items = append(items, item)
	}
	return items, nil
}

// skip warns of a file that is skipped, the first time.
func (s *Storage) skip(path string, reason error) {
	if _, warned := s.skipped.LoadOrStore(path, true); !warned && s.Warn != nil {
		s.Warn(fmt.Sprintf("storage: %s is skipped: %s", path, strings.ReplaceAll(reason.Error(), "\n", " ")))
	}
}
