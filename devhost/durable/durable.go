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
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(f.Root, unfinished+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil && !f.NoSync {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
