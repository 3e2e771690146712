package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockData reserves the data folder until the lock is released or the process
// ends: two platforms with one folder would both deliver its events. All files in
// it become readable for their owner only, whichever program wrote them.
func lockData(folder string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(folder, "lock"))
	if locked, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !locked {
		return nil, fmt.Errorf("%s is in use by another devhost: stop it, or pass another folder with --data", folder)
	}
	return lock, MakePrivate(folder)
}

// MakePrivate removes the rights of other users from a folder and everything in
// it.
func MakePrivate(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return os.Chmod(path, info.Mode().Perm()&0o700)
	})
}
