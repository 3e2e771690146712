package platform

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockData makes the data folder this platform's alone until the lock is given
// up or the process ends: two that share a folder would both deliver what waits
// in it.
func lockData(folder string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(folder, "lock"))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, fmt.Errorf("%s is in use by another devhost: stop that, or choose another folder with --data", folder)
	}
	return lock, nil
}
