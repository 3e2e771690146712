package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/azurite"
	"whatsapp-functions/devhost/platform"
)

func (p *program) azuriteCommand() *cobra.Command {
	var folder, data string
	command := &cobra.Command{
		Use:   "azurite",
		Short: "Run Azurite, Microsoft's emulator of Azure Storage",
		Long: `Run Azurite, Microsoft's emulator of Azure Storage, until Ctrl-C, and print its
connection string. It listens on the ports that UseDevelopmentStorage=true
means, 10000 to 10002, or on others if one of them is taken.

make azurite installs it below tools/azurite and runs it.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.azurite(command.Context(), folder, data)
		},
	}
	command.Flags().StringVar(&folder, "app", ".", "the app's `folder`, below which it is installed")
	command.Flags().StringVar(&data, "data", "", "the `folder` for what it stores (default: .devhost/azurite in the app's folder)")
	return command
}

func (p *program) azurite(ctx context.Context, folder, data string) error {
	if data == "" {
		data = filepath.Join(folder, platform.DataFolder, "azurite")
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	if err := platform.MakePrivate(data); err != nil {
		return err
	}
	running, err := azurite.Start(ctx, azurite.Options{Folder: folder, Usual: true, Data: data})
	if err != nil {
		return err
	}
	defer running.Stop()
	storage := "UseDevelopmentStorage=true"
	if running.Usual {
		fmt.Fprintln(p.stdout, "Azurite runs on ports 10000 to 10002 (Ctrl-C stops it)")
	} else {
		fmt.Fprintln(p.stdout, "Azurite runs, but not on ports 10000 to 10002, which are taken (Ctrl-C stops it)")
		storage = running.Connection
	}
	fmt.Fprintf(p.stdout, "\nIts connection string:\n\n  %s\n\nRun the app on it:\n\n  bin/devhost run --storage '%s'\n", running.Connection, storage)
	select {
	case <-ctx.Done():
		return nil
	case <-running.Ended():
		return errors.New("azurite: it has ended")
	}
}
