package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/platform"
)

const defaultAddress = "127.0.0.1:7071"

func (p program) runCommand() *cobra.Command {
	var o platform.Options
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the app until Ctrl-C",
		Long: `Run the app until Ctrl-C.

The handler is started anew when it crashes, as the Functions host would, and
when it has been built anew or a file of the app has changed.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.run(command.Context(), o)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.Folder, "app", ".", "the app's `folder`, with host.json in it")
	flags.StringVar(&o.Address, "address", defaultAddress, "the `host:port` to listen on; port 0 is any")
	flags.StringVar(&o.Data, "data", "", "the `folder` for what devhost keeps (default: .devhost in the app's folder)")
	flags.StringVar(&o.Storage, "storage", platform.Embedded, "what outputs go to: embedded, which is files below the data folder; a `connection` string; or the name of a setting that holds one")
	flags.BoolVar(&o.ContentLength, "content-length", false, "tell the handler how long a request is, as func start does; without, it comes in chunks, as in Azure")
	flags.Float64Var(&o.TimeScale, "time-scale", 60, "how many times faster than Azure's Event Grid's pauses pass")
	flags.BoolVar(&o.Once, "func", false, "end when the host ends, as func start does; without, a new host comes, as in Azure")
	return command
}

func (p program) run(ctx context.Context, o platform.Options) error {
	o.Environ, o.Console = p.environ, newConsole(p.stdout)
	running, err := platform.Start(ctx, o)
	if err != nil {
		return err
	}
	defer running.Stop()
	p.banner(running)
	select {
	case <-ctx.Done():
		return nil
	case <-running.Ended():
		return running.Err()
	}
}

// sampleEvent is a text message as Event Grid delivers it, for people to send.
const sampleEvent = `[{"id":"1","topic":"/local","subject":"try","eventType":"Microsoft.Communication.AdvancedMessageReceived",` +
	`"eventTime":"2026-11-20T09:15:03Z","data":{"channelType":"whatsapp","messageType":"text","messageId":"message-1",` +
	`"from":"14255550123","to":"my-channel","receivedTimestamp":"2026-11-20T09:15:01Z","content":"Hello"}}]`

// banner says what runs, where outputs land, and how to try it.
func (p program) banner(running *platform.Platform) {
	app := running.App()
	fmt.Fprintf(p.stdout, "devhost runs %s at %s (Ctrl-C ends it)\n", app.Root, running.URL())
	for _, function := range app.Functions {
		fmt.Fprintf(p.stdout, "\n  %s\n", function.Name)
		for _, output := range function.Outputs {
			fmt.Fprintf(p.stdout, "    %-16s → %s\n", output.Name, target(output))
		}
	}
	fmt.Fprintf(p.stdout, "\nStorage is a tree of files below %s\n", relative(filepath.Join(running.Data(), "storage")))
	fmt.Fprintf(p.stdout, "\nSend a text message:\n\n  curl -i '%s' -H 'aeg-event-type: Notification' -d '%s'\n\n",
		running.Webhook(app.Functions[0].Name), sampleEvent)
}

// target is where an output goes, as function.json says it.
func target(output app.Binding) string {
	for _, member := range []string{"queueName", "tableName", "path"} {
		if name := output.Text(member); name != "" {
			return output.Type + " " + name
		}
	}
	return output.Type
}

// relative is a path as seen from here, if that is shorter.
func relative(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	short, err := filepath.Rel(here, path)
	if err != nil || len(short) > len(path) {
		return path
	}
	return short
}
