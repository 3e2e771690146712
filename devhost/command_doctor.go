package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// tool is a program or file that some command needs.
type tool struct {
	name string
	// needed says what does not work without it; install how to get it.
	needed, install string
	// required means that nothing works without it.
	required bool
	// find returns what is there, or an error.
	find func(ctx context.Context) (string, error)
}

func (p *program) doctorCommand() *cobra.Command {
	var folder string
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Show what this machine has of what the app's commands need",
		Long: `Show which programs and ports this machine has, what each is needed for, and how
to install what is missing. Only Go is needed to run the app.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.doctor(command.Context(), tools(folder))
		},
	}
	command.Flags().StringVar(&folder, "app", ".", "the app's `folder`")
	return command
}

func (p *program) doctor(ctx context.Context, tools []tool) error {
	var missing []string
	for _, tool := range tools {
		found, err := tool.find(ctx)
		switch {
		case err == nil:
			fmt.Fprintf(p.stdout, "ok       %-16s %s\n", tool.name, found)
		default:
			fmt.Fprintf(p.stdout, "no       %-16s %s\n", tool.name, err)
			fmt.Fprintf(p.stdout, "%26sneeded: %s\n%26sinstall: %s\n", "", tool.needed, "", tool.install)
			if tool.required {
				missing = append(missing, tool.name)
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("nothing works without %s", strings.Join(missing, ", "))
	}
	return nil
}

// tools returns what the commands of an app in this folder need.
func tools(folder string) []tool {
	return []tool{
		{"go", "everything", "https://go.dev/dl", true, firstLine("go", "version")},
		{"make", "the commands of README.md", "your system's package manager", false, firstLine("make", "--version")},
		{"C compiler", "the race detector of make test", "gcc or clang", false, compiler},
		{"node", "Azurite, the consumer in Node.js, the tests of schemas and Bicep: 20 or newer", "https://nodejs.org", false, firstLine("node", "--version")},
		{"azurite", "make azurite, devhost run --storage ConversationStorage", "make tools/azurite/node_modules", false, installed(filepath.Join(folder, "tools/azurite/node_modules/azurite"))},
		{"browser", "the test of the simulator page", "Chromium or Chrome", false, anyOf("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")},
		{"wrk", "make bench", "apt-get install wrk, or brew install wrk", false, anyOf("wrk")},
		{"az", "make deploy, subscribe, smoke, logs", "https://aka.ms/azure-cli", false, firstLine("az", "version", "--output", "tsv")},
		{"func", "make start: the app under the real Functions host", "https://aka.ms/func-core-tools; without it, make run does nearly the same", false, firstLine("func", "--version")},
		{"port 7071", "devhost run without --address", "stop the program that listens on it, or pass --address 127.0.0.1:0", false, free("127.0.0.1:7071")},
		{"ports of Azurite", "UseDevelopmentStorage=true without settings", "stop the program that listens on them; make azurite takes other ports then", false, free("127.0.0.1:10000", "127.0.0.1:10001", "127.0.0.1:10002")},
	}
}

// firstLine returns the first line of what a program prints about its version.
func firstLine(name string, args ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%s is not installed", name)
		}
		ctx, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		text, err := exec.CommandContext(ctx, path, args...).Output()
		if err != nil {
			return "", fmt.Errorf("%s does not run: %w", path, err)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		return strings.ReplaceAll(first, "\t", " "), nil
	}
}

func compiler(ctx context.Context) (string, error) {
	return firstLine(cmp.Or(os.Getenv("CC"), "cc"), "--version")(ctx)
}

// anyOf looks for the first of several programs.
func anyOf(names ...string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path, nil
			}
		}
		return "", fmt.Errorf("none of %s is installed", strings.Join(names, ", "))
	}
}

// installed looks for a folder of an npm package.
func installed(folder string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if _, err := os.Stat(folder); err != nil {
			return "", fmt.Errorf("%s is not there", folder)
		}
		return folder, nil
	}
}

// free checks that nothing listens at addresses.
func free(addresses ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		for _, address := range addresses {
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", address)
			if err != nil {
				return "", fmt.Errorf("another program listens on %s", address)
			}
			_ = listener.Close()
		}
		return "free", nil
	}
}
