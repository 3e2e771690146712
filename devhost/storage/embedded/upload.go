package embedded

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"whatsapp-functions/devhost/durable"
	"whatsapp-functions/devhost/storage"
)

// ErrBlock reports a block that is not in the list of blocks to choose from.
var ErrBlock = errors.New("the block does not exist")

// Condition decides whether a blob may be changed. The present blob is nil if there
// is none. It must not be used afterwards.
type Condition func(present *Blob) error

// HasContainer reports whether a container exists.
func (s *Storage) HasContainer(container string) bool {
	info, err := os.Stat(s.Folder.Path("blobs", container))
	return err == nil && info.IsDir()
}

// CreateContainer creates a container. The error is [fs.ErrExist] if there is one.
func (s *Storage) CreateContainer(container string) error {
	if err := storage.CheckBlob(container, "-"); err != nil {
		return err
	}
	if err := os.MkdirAll(s.Folder.Path("blobs"), 0o700); err != nil {
		return err
	}
	return os.Mkdir(s.Folder.Path("blobs", container), 0o700)
}

// DeleteContainer deletes a container and its blobs.
func (s *Storage) DeleteContainer(container string) error {
	if err := storage.CheckBlob(container, "-"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(
		os.RemoveAll(s.Folder.Path("blobs", container)),
		os.RemoveAll(s.Folder.Path(propertiesFolder, container)),
		os.RemoveAll(s.Folder.Path(blocksFolder, container)))
}

// Upload creates or replaces a blob with content and properties, if the condition
// allows it. Readers find the old blob until all content is written. It returns
// the time of modification.
func (s *Storage) Upload(container, name string, content io.Reader, p Properties, condition Condition) (time.Time, error) {
	return s.replace(container, name, &p, condition, func(file *durable.File) error {
		_, err := io.Copy(file, content)
		return err
	})
}

// replace creates or replaces a blob with what write writes. The properties are
// read after that.
func (s *Storage) replace(container, name string, p *Properties, condition Condition, write func(*durable.File) error) (modified time.Time, err error) {
	if err := storage.CheckBlob(container, name); err != nil {
		return modified, err
	}
	file, err := s.Folder.New()
	if err != nil {
		return modified, err
	}
	defer file.Discard()
	if err := write(file); err != nil {
		return modified, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.committing.Lock()
	defer s.committing.Unlock()
	if err := s.check(container, name, condition); err != nil {
		return modified, err
	}
	if modified, err = stamp(file, s.now()); err != nil {
		return modified, err
	}
	if err := s.writeProperties(container, name, modified, *p); err != nil {
		return modified, err
	}
	if err := file.Commit(s.blobPath(container, name)); err != nil {
		return modified, err
	}
	return modified, errors.Join(s.removeProperties(container, name, modified), os.RemoveAll(s.blocksOf(container, name)))
}

// stamp sets the time of modification, and returns it as the file system keeps it.
func stamp(file *durable.File, now time.Time) (time.Time, error) {
	if err := os.Chtimes(file.Name(), time.Time{}, now); err != nil {
		return now, err
	}
	info, err := file.Stat()
	if err != nil {
		return now, err
	}
	return info.ModTime().UTC(), nil
}

// check calls a condition with the present blob.
func (s *Storage) check(container, name string, condition Condition) error {
	present, err := s.Open(container, name)
	if errors.Is(err, storage.ErrNotFound) {
		return condition(nil)
	}
	if err != nil {
		return err
	}
	defer present.Close()
	return condition(present)
}

// DeleteBlob deletes a blob if the condition allows it.
func (s *Storage) DeleteBlob(container, name string, condition Condition) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.committing.Lock()
	defer s.committing.Unlock()
	if err := s.check(container, name, condition); err != nil {
		return err
	}
	if err := os.Remove(s.blobPath(container, name)); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(s.propertiesOf(container, name)), os.RemoveAll(s.blocksOf(container, name)))
}

// blocksFolder has a folder for each blob with uncommitted blocks, in which each
// block is a file.
const blocksFolder = "uncommitted"

func (s *Storage) blocksOf(container, name string) string {
	return s.Folder.Path(blocksFolder, container, fileName(name))
}

func (s *Storage) blockPath(container, name, id string) string {
	return filepath.Join(s.blocksOf(container, name), hex.EncodeToString([]byte(id)))
}

// PutBlock stores a block of a blob. It becomes a part of the blob with
// [Storage.CommitBlocks].
func (s *Storage) PutBlock(container, name, id string, content io.Reader) error {
	if err := storage.CheckBlob(container, name); err != nil {
		return err
	}
	file, err := s.Folder.New()
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := io.Copy(file, content); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return file.Commit(s.blockPath(container, name, id))
}

// BlockRef chooses a block by its id: an uncommitted one, or one of the present
// blob. With both, an uncommitted one comes first.
type BlockRef struct {
	ID                     string
	Uncommitted, Committed bool
}

// CommitBlocks makes a blob of blocks, and removes its other uncommitted blocks.
// The error is [ErrBlock] if there is no such block.
func (s *Storage) CommitBlocks(container, name string, list []BlockRef, p Properties, condition Condition) (time.Time, error) {
	present, err := s.Open(container, name)
	if err == nil {
		defer present.Close()
	} else if !errors.Is(err, storage.ErrNotFound) {
		return time.Time{}, err
	}
	return s.replace(container, name, &p, condition, func(file *durable.File) error {
		for _, ref := range list {
			size, err := s.copyBlock(file, container, name, ref, present)
			if err != nil {
				return err
			}
			p.Blocks = append(p.Blocks, Block{ref.ID, size})
		}
		return nil
	})
}

// copyBlock appends a block to a file, and returns its size.
func (s *Storage) copyBlock(to io.Writer, container, name string, ref BlockRef, present *Blob) (int64, error) {
	if ref.Uncommitted {
		block, err := os.Open(s.blockPath(container, name, ref.ID))
		if err == nil {
			defer block.Close()
			return io.Copy(to, block)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	if ref.Committed && present != nil {
		start := int64(0)
		for _, block := range present.Blocks {
			if block.ID == ref.ID {
				return io.Copy(to, io.NewSectionReader(present.File, start, block.Size))
			}
			start += block.Size
		}
	}
	return 0, fmt.Errorf("%w: %s", ErrBlock, ref.ID)
}

// blockLife is how long the service keeps uncommitted blocks.
const blockLife = 7 * 24 * time.Hour

// removeOldBlocks removes uncommitted blocks that the service would have removed.
func (s *Storage) removeOldBlocks() error {
	return filepath.WalkDir(s.Folder.Path(blocksFolder), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > blockLife {
			err = os.Remove(path)
		}
		return err
	})
}
