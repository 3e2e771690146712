package platform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/blobservice"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/storage/azure"
	"whatsapp-functions/devhost/storage/embedded"
)

// Embedded is the storage that is files below the data folder.
const Embedded = "embedded"

func isEmbedded(storage string) bool { return storage == "" || storage == Embedded }

// OpenStorage opens the storage of an app that need not run.
func OpenStorage(ctx context.Context, folder, data, account string, environ []string, log zerolog.Logger) (storage.Storage, error) {
	a, err := app.Open(folder, environ...)
	if err != nil {
		return nil, err
	}
	return openStorage(ctx, a, dataFolder(a.Root, data), account, environ, log)
}

// openStorage opens the one account that all outputs are written to, whatever
// their connections are. See [Options] for the account's name.
func openStorage(ctx context.Context, a *app.App, data, account string, environ []string, log zerolog.Logger) (storage.Storage, error) {
	if isEmbedded(account) {
		store, err := embedded.Open(filepath.Join(data, "storage"))
		if err != nil {
			return nil, err
		}
		store.QueueText = a.Host.Queues.Text
		store.Warn = func(text string) { log.Warn().Str("component", "storage").Msg(text) }
		return store, nil
	}
	connection, ok := connectionOf(a, account)
	if !ok {
		return nil, fmt.Errorf("storage: %q is neither %q, nor a connection string, nor the name of a setting", account, Embedded)
	}
	opened, err := azure.Open(ctx, connection)
	if err != nil {
		return nil, err
	}
	opened.QueueText = a.Host.Queues.Text
	return opened, nil
}

// connectionOf returns an account's connection string, which may be the value of a
// setting.
func connectionOf(a *app.App, account string) (connection string, ok bool) {
	if strings.Contains(account, "=") {
		return account, true
	}
	return a.Setting(account)
}

// isDevelopmentStorage reports whether a setting has the value that names the
// emulator on this machine.
func isDevelopmentStorage(value string) bool {
	return strings.EqualFold(strings.TrimSuffix(strings.TrimSpace(value), ";"), "UseDevelopmentStorage=true")
}

// handlerStorage returns the connection string that handlers get for development
// storage. Embedded storage has only blobs there.
func (p *Platform) handlerStorage(a *app.App) string {
	if isEmbedded(p.options.Storage) {
		return blobservice.ConnectionString(p.URL())
	}
	connection, _ := connectionOf(a, p.options.Storage)
	return connection
}

// checkConnections checks the connections of outputs and queue triggers. A missing
// one fails invocations, as in Azure. devhost can't use a managed identity: with
// embedded storage that is a warning, because the connection is not used.
func (p *Platform) checkConnections(a *app.App, log zerolog.Logger) error {
	check := func(function, kind string, binding app.Binding, embedded string) error {
		err := app.CheckConnection(binding.Text("connection"), a.Setting)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("%s/function.json: %s %s: %w", function, kind, binding.Name, err)
		switch identity := errors.Is(err, app.ErrIdentity); {
		case identity && !isEmbedded(p.options.Storage):
			return err
		case identity:
			log.Warn().Msgf("%s/function.json: %s %s: the connection %s uses a managed identity, which exists only in Azure: %s embedded storage", function, kind, binding.Name, binding.Text("connection"), embedded)
		default:
			log.Warn().Msg(err.Error() + ": every invocation that writes it fails")
		}
		return nil
	}
	for _, function := range a.Functions {
		if function.Queue != "" {
			if err := check(function.Name, "trigger", function.Trigger, "the messages come from"); err != nil {
				return err
			}
		}
		for _, output := range function.Outputs {
			if !output.Written {
				continue
			}
			if err := check(function.Name, "output", output, "the output goes to"); err != nil {
				return err
			}
		}
	}
	return nil
}
