package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

const description = `devhost runs an Azure Functions app with a custom handler on this machine,
offline.

It reads the app folder as Azure does (host.json, local.settings.json, and a
function.json in each function's folder), starts the handler that host.json
names, accepts deliveries of Event Grid at the same webhook as the Functions
host, and writes the handler's outputs to storage on disk.`

// program is what all commands use.
type program struct {
	environ        []string
	stdout, stderr console
	jsonLogs       bool
}

// usageError is an error in the flags or arguments. The exit code is 2.
type usageError struct{ error }

// version returns the version of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			return setting.Value
		}
	}
	return info.Main.Version
}

// run is the program. It returns the exit code: 1 for an error, 2 for an error
// in the flags or arguments.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: newConsole(stdout, environ), stderr: newConsole(stderr, environ)}
	root := &cobra.Command{
		Use:           "devhost",
		Short:         "Run an Azure Functions app with a custom handler on this machine",
		Long:          description,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args[1:])
	root.PersistentFlags().BoolVar(&p.jsonLogs, "json-logs", false, "log JSON, one object per line")
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(p.runCommand(), p.sendCommand(), p.outputsCommand(), p.triggerCommand(), p.replayCommand(), p.demoCommand(), p.azuriteCommand(), p.doctorCommand())
	started := false
	for _, command := range root.Commands() {
		run := command.RunE
		command.RunE = func(command *cobra.Command, args []string) error {
			started = true
			return run(command, args)
		}
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(p.stderr, "devhost:", strings.TrimRight(err.Error(), "\n"))
	if _, usage := errors.AsType[usageError](err); usage || !started {
		return 2
	}
	return 1
}
