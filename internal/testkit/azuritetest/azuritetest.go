// Package azuritetest starts Azurite for tests.
package azuritetest

import (
	"errors"
	"testing"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/internal/testkit"
)

// Start runs the repository's Azurite until the test ends. Where it is not
// installed the test is skipped, except in CI.
func Start(t testing.TB, o azurite.Options) *azurite.Azurite {
	t.Helper()
	o.Folder = testkit.Root(t)
	running, err := azurite.Start(t.Context(), o)
	if errors.Is(err, azurite.ErrNotInstalled) {
		testkit.Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}
