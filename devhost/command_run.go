package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/app"
)

const defaultAddress = "127.0.0.1:7071"

func (p program) runCommand() *cobra.Command {
	var folder, address, data string
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the app until Ctrl-C",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.run(command.Context(), folder, address, data)
		},
	}
	flags := command.Flags()
	flags.StringVar(&folder, "app", ".", "the app's `folder`, with host.json in it")
	flags.StringVar(&address, "address", defaultAddress, "the `host:port` to listen on; port 0 is any")
	flags.StringVar(&data, "data", "", "the `folder` for storage (default: .devhost in the app's folder)")
	return command
}

func (p program) run(ctx context.Context, folder, address, data string) error {
	console := newConsole(p.stdout)
	i, err := start(ctx, folder, address, data, p.environ, console)
	if err != nil {
		return err
	}
	defer i.stop()
	p.banner(i)
	return i.wait(ctx)
}

// sampleEvent is a text message as Event Grid delivers it, for people to send.
const sampleEvent = `[{"id":"1","topic":"/local","subject":"try","eventType":"Microsoft.Communication.AdvancedMessageReceived",` +
	`"eventTime":"2026-11-20T09:15:03Z","data":{"channelType":"whatsapp","messageType":"text","messageId":"message-1",` +
	`"from":"14255550123","to":"my-channel","receivedTimestamp":"2026-11-20T09:15:01Z","content":"Hello"}}]`

// banner says what runs, where outputs land, and how to try it.
func (p program) banner(i *instance) {
	fmt.Fprintf(p.stdout, "devhost runs %s at %s (Ctrl-C ends it)\n", i.app.Root, i.url)
	for _, function := range i.app.Functions {
		fmt.Fprintf(p.stdout, "\n  %s\n", function.Name)
		for _, output := range function.Outputs {
			fmt.Fprintf(p.stdout, "    %-16s → %s\n", output.Name, target(output))
		}
	}
	fmt.Fprintf(p.stdout, "\nStorage is a tree of files below %s\n", relative(i.storage.Root()))
	fmt.Fprintf(p.stdout, "\nSend a text message:\n\n  curl -i '%s' -H 'aeg-event-type: Notification' -d '%s'\n\n",
		i.webhook(i.app.Functions[0].Name), sampleEvent)
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
