package platform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/embedded"
	"whatsapp-functions/devhost/worker"
)

// Embedded is the storage that is files below the data folder.
const Embedded = "embedded"

// OpenStorage opens the storage of an app that need not run. Of the options it
// needs the folder, the data, the storage and the environment. It logs the
// files that it skips.
func OpenStorage(ctx context.Context, o Options) (storage.Storage, error) {
	a, err := app.Open(o.Folder)
	if err != nil {
		return nil, err
	}
	o.fill(a)
	return openStorage(ctx, o, a)
}

// openStorage opens the one account that all outputs go to, whatever their
// connections say: files, an account by its connection string, or one by the
// name of the setting that holds it.
func openStorage(ctx context.Context, o Options, a *app.App) (storage.Storage, error) {
	if o.embedded() {
		store, err := embedded.Open(filepath.Join(o.Data, "storage"))
		if err != nil {
			return nil, err
		}
		store.QueueText = a.Host.QueueText
		store.Warn = func(text string) { o.Log.Warn().Str("component", "storage").Msg(text) }
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

// checkConnections looks at the outputs' connections. One by identity is an
// error; one that leads nowhere fails invocations, as the host's would.
func (p *Platform) checkConnections(a *app.App) error {
	settings := worker.NewEnvironment(p.options.Environ).With(a.Settings)
	setting := func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	}
	for _, function := range a.Functions {
		for _, output := range function.Outputs {
			if !output.Written {
				continue
			}
			err := bridge.CheckConnection(output.Text("connection"), setting)
			if err != nil {
				err = fmt.Errorf("%s/function.json: output %s: %w", function.Name, output.Name, err)
			}
			if errors.Is(err, bridge.ErrIdentity) {
				return err
			}
			if err != nil {
				p.log.Warn().Msg(err.Error() + ": every invocation that writes it fails")
			}
		}
	}
	return nil
}
