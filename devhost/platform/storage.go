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
)

// Embedded is the storage that is files below the data folder.
const Embedded = "embedded"

// OpenStorage opens the storage of an app that need not run. Of the options it
// needs the folder, the data, the storage and the environment. It logs the
// files that it skips.
func OpenStorage(ctx context.Context, o Options) (storage.Storage, error) {
	a, err := app.Open(o.Folder, o.Environ...)
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
		value, ok := a.Setting(connection)
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

// checkConnections checks the outputs' connections. A missing one fails
// invocations, as in Azure. devhost can't use an identity: with embedded storage
// that is a warning, because nothing is written to the connection.
func (p *Platform) checkConnections(a *app.App) error {
	for _, function := range a.Functions {
		for _, output := range function.Outputs {
			if !output.Written {
				continue
			}
			err := bridge.CheckConnection(output.Text("connection"), a.Setting)
			if err != nil {
				err = fmt.Errorf("%s/function.json: output %s: %w", function.Name, output.Name, err)
			}
			if identity := errors.Is(err, bridge.ErrIdentity); identity && !p.options.embedded() {
				return err
			} else if identity {
				p.log.Warn().Msgf("%s/function.json: output %s: the connection %s is by identity, which only Azure has: the output goes to embedded storage", function.Name, output.Name, output.Text("connection"))
			} else if err != nil {
				p.log.Warn().Msg(err.Error() + ": every invocation that writes it fails")
			}
		}
	}
	return nil
}
