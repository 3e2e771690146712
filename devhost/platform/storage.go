package platform

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/worker"
)

// Embedded is the storage that is files below the data folder.
const Embedded = "embedded"

// openStorage opens the one account that all outputs go to, whatever their
// connections say: files, an account by its connection string, or one by the
// name of the setting that holds it.
func openStorage(ctx context.Context, o Options, a *app.App) (storage.Storage, error) {
	if o.Storage == "" || o.Storage == Embedded {
		store, err := embedded.Open(filepath.Join(o.Data, "storage"))
		if err != nil {
			return nil, err
		}
		store.QueueText = a.Host.QueueText
		return store, nil
	}
	connection := o.Storage
	if !strings.Contains(connection, "=") {
		settings := worker.NewEnvironment(o.Environ).With(a.Settings)
		value, ok := settings[connection]
		if !ok {
			return nil, fmt.Errorf("storage: %q is neither %q, nor a connection string, nor the name of a setting", connection, Embedded)
		}
		connection = value
	}
	account, err := azure.Open(ctx, connection)
	if err != nil {
		return nil, err
	}
	account.QueueText = a.Host.QueueText
	return account, nil
}
