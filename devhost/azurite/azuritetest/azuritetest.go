// Package azuritetest gives tests an Azurite.
package azuritetest

import (
	"errors"
	"os"
	"testing"

	"whatsapp-functions/devhost/azurite"
)

// Start starts Azurite until the test ends. Where it is not installed the
// test is skipped, but not in CI.
func Start(t testing.TB, folder string) *azurite.Azurite {
	t.Helper()
	a, err := azurite.Start(t.Context(), azurite.Options{Folder: folder})
	if errors.Is(err, azurite.ErrNotInstalled) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	return a
}
