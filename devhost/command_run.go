package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/history"
	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/testcase"
)

const defaultAddress = "127.0.0.1:7071"

func (p *program) runCommand() *cobra.Command {
	var o platform.Options
	command := &cobra.Command{
		Use:   "run",
		Short: "Run the app until Ctrl-C",
		Long: `Run the app until Ctrl-C.

The handler is started anew when it crashes, as the Functions host would, and
when it has been built anew or a file of the app has changed.`,
		Args: cobra.NoArgs,
		Example: `  devhost run
  devhost run --storage ConversationStorage
  devhost run --fail-crashes 1
  devhost run --fail-writes 0.2 --fail-delay 5s`,
		RunE: func(command *cobra.Command, _ []string) error {
			if !(o.TimeScale > 0) || math.IsInf(o.TimeScale, 1) {
				return usageError{fmt.Errorf("--time-scale %v: write a number above 0, such as 1 for Azure's own pauses", o.TimeScale)}
			}
			return p.run(command.Context(), o)
		},
	}
	flags := command.Flags()
	appFlags(flags, &o)
	flags.StringVar(&o.Address, "address", defaultAddress, "the `host:port` to listen on; port 0 is any")
	flags.BoolVar(&o.ContentLength, "content-length", false, "tell the handler how long a request is, as func start does; without, it comes in chunks, as in Azure")
	flags.BoolVar(&o.Keys, "keys", false, "ask for access keys, as Azure does; they are in keys.json in the data folder")
	flags.Float64Var(&o.TimeScale, "time-scale", 60, "how many times faster than Azure's Event Grid's pauses pass")
	flags.IntVar(&o.Faults.Crashes, "fail-crashes", 0, "kill the handler in the middle of the next `n` invocations")
	flags.Float64Var(&o.Faults.FailWrites, "fail-writes", 0, "the `share` of writes to outputs that fail, 0 to 1")
	flags.Float64Var(&o.Faults.Duplicates, "fail-duplicates", 0, "the `share` of deliveries that come twice, 0 to 1")
	flags.BoolVar(&o.Faults.Reorder, "fail-reorder", false, "deliver events in another order than they were published in")
	flags.DurationVar(&o.Faults.Delay, "fail-delay", 0, "hold every event back for this `time`, such as 5s")
	flags.BoolVar(&o.Once, "func", false, "end when the host ends, as func start does; without, a new host comes, as in Azure")
	return command
}

// appFlags are the flags that say which app, and where its outputs are.
func appFlags(flags *pflag.FlagSet, o *platform.Options) {
	flags.StringVar(&o.Folder, "app", ".", "the app's `folder`, with host.json in it")
	flags.StringVar(&o.Data, "data", "", "the `folder` for what devhost keeps (default: .devhost in the app's folder)")
	flags.StringVar(&o.Storage, "storage", platform.Embedded, "what outputs go to: embedded, which is files below the data folder; a `connection` string; or the name of a setting that holds one")
}

func (p *program) run(ctx context.Context, o platform.Options) error {
	o.Environ, o.Log = p.environ, p.log(p.stdout)
	cases := testcase.App{Folder: o.Folder, Environ: p.environ, Log: p.log(p.stdout)}
	o.SaveCase = func(ctx context.Context, t history.Transcript) (string, error) { return cases.Save(ctx, t, "") }
	running, err := platform.Start(ctx, o)
	if err != nil {
		return err
	}
	defer running.Stop()
	p.banner(running, o)
	select {
	case <-ctx.Done():
		return nil
	case <-running.Ended():
		return running.Err()
	}
}

// banner says what runs, where outputs land, and how to try it.
func (p *program) banner(running *platform.Platform, o platform.Options) {
	app := running.App()
	fmt.Fprintf(p.stdout, "Open %s/ in a browser: write as a WhatsApp user, and see what becomes of it.\n\n", running.URL())
	fmt.Fprintf(p.stdout, "devhost runs %s at %s (Ctrl-C ends it)\n", app.Root, running.URL())
	for _, function := range app.Functions {
		fmt.Fprintf(p.stdout, "\n  %s\n", function.Name)
		for _, output := range function.Outputs {
			fmt.Fprintf(p.stdout, "    %-16s → %s\n", output.Name, target(output))
		}
	}
	if o.Storage == platform.Embedded {
		fmt.Fprintf(p.stdout, "\nOutputs    files below %s\n", relative(filepath.Join(running.Data(), "storage")))
	} else {
		fmt.Fprintf(p.stdout, "\nOutputs    the storage account of --storage\n")
	}
	fmt.Fprintf(p.stdout, "Topic      %s\n", running.Topic())
	fmt.Fprintf(p.stdout, "Webhooks   %s\n", running.Webhook("<function>"))
	fmt.Fprintf(p.stdout, "\nSend a text message, and look at what is written:\n\n  bin/devhost send --text Hello%s\n  bin/devhost outputs%s\n\n",
		flagUnless("topic", running.Topic(), topicAddress),
		flagUnless("app", o.Folder, ".")+flagUnless("data", o.Data, "")+flagUnless("storage", o.Storage, platform.Embedded))
}

// flagUnless is a flag, unless its value is the one that it has anyway.
func flagUnless(name, value, otherwise string) string {
	if value == otherwise {
		return ""
	}
	return fmt.Sprintf(" --%s '%s'", name, value)
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
