package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

const description = `devhost runs an Azure Functions app with a custom handler on this machine,
offline.

It reads the app folder as Azure does (host.json, local.settings.json, and a
function.json in each function's folder), starts the handler that host.json
names, takes Event Grid's deliveries at the webhook that the Functions host
has, and writes what the handler answers to storage on disk.`

// program is what every command works with.
type program struct {
	environ        []string
	stdout, stderr console
	jsonLogs       bool
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: newConsole(stdout, environ), stderr: newConsole(stderr, environ)}
	root := &cobra.Command{
		Use:               "devhost",
		Short:             "Run an Azure Functions app with a custom handler on this machine",
		Long:              description,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetArgs(args[1:])
	root.PersistentFlags().BoolVar(&p.jsonLogs, "json-logs", false, "log in JSON, an object each line")
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(p.runCommand(), p.sendCommand(), p.outputsCommand(), p.replayCommand(), p.demoCommand(), p.azuriteCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(p.stderr, "devhost:", err)
		return 1
	}
	return 0
}
