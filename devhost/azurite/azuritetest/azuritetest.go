// Package azuritetest gives tests an Azurite.
package azuritetest

import (
	"errors"
	"testing"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/prove/skip"
)

// Start starts Azurite until the test ends. Where it is not installed the
// test is skipped, but not in CI.
func Start(t testing.TB, folder string) *azurite.Azurite {
	t.Helper()
	a, err := azurite.Start(t.Context(), azurite.Options{Folder: folder})
	if errors.Is(err, azurite.ErrNotInstalled) {
		skip.Test(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Stop)
	return a
}
