// Package durable writes files so that a crash leaves the old content or the
// new one, never a part.
package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Folder is a tree of files. Only its owner can read them.
type Folder struct {
	Root string
	// NoSync leaves it to the operating system when to write to the disk. The
	// files survive a crash of the program, but not one of the machine.
	NoSync bool
}

// unfinished starts the names of files that are being written. They are in the
// root.
const unfinished = ".writing-"

// Open creates the folder if it does not exist. It removes files that a crash
// left unfinished, but none younger than a minute: another program may be
// writing it.
func Open(root string) (Folder, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return Folder{}, err
	}
	entries, err := os.ReadDir(root)
	err = errors.Join(err, os.Chmod(root, 0o700)) // it may have existed
	for _, entry := range entries {
		info, gone := entry.Info()
		if gone == nil && strings.HasPrefix(entry.Name(), unfinished) && time.Since(info.ModTime()) > time.Minute {
			err = errors.Join(err, os.Remove(filepath.Join(root, entry.Name())))
		}
	}
	return Folder{Root: root}, err
}

// Path returns the path of something in the folder.
func (f Folder) Path(parts ...string) string {
	return filepath.Join(append([]string{f.Root}, parts...)...)
}

// Write replaces a file below the folder, and creates the folders above it.
func (f Folder) Write(path string, content []byte) error {
	file, err := f.New()
	if err != nil {
		return err
	}
	defer file.Discard()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Commit(path)
}

// File is a file that is being written.
type File struct {
	*os.File
	noSync bool
}

// New returns an empty file. [File.Commit] puts it at its path. Always call
// [File.Discard] after use.
func (f Folder) New() (*File, error) {
	if err := os.MkdirAll(f.Root, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(f.Root, unfinished+"*")
	if err != nil {
		return nil, err
	}
	return &File{file, f.NoSync}, nil
}

// Commit closes the file and replaces the one at a path below the folder. It
// creates the folders above it.
func (f *File) Commit(path string) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil && !f.noSync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Discard removes the file, unless it was committed.
func (f *File) Discard() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}
