package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/faults"
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

The handler is restarted after a crash, as in Azure, and after a change of the
handler or of a configuration file of the app.`,
		Args: cobra.NoArgs,
		Example: `  devhost run
  devhost run --with media
  devhost run --storage ConversationStorage
  devhost run --fail-crashes 1
  devhost run --fail-writes 0.2 --fail-delay 5s`,
		RunE: func(command *cobra.Command, _ []string) error {
			if !(o.TimeScale > 0) || math.IsInf(o.TimeScale, 1) {
				return usageError{fmt.Errorf("--time-scale %v: write a number above 0, such as 1 for Azure's own pauses", o.TimeScale)}
			}
			if _, err := faults.New(o.Faults); err != nil {
				return usageError{err}
			}
			return p.run(command.Context(), o)
		},
	}
	flags := command.Flags()
	appFlags(flags, &o)
	flags.StringArrayVar(&o.With, "with", nil, "the `folder` of another app to run beside the app, with the same storage; may be repeated")
	flags.StringVar(&o.Address, "address", defaultAddress, "the `host:port` to listen on; port 0 is any free port")
	flags.BoolVar(&o.AllowRemote, "allow-remote", false, "allow an --address that other machines can reach")
	flags.StringArrayVar(&o.AllowHosts, "allow-host", nil, "a host `name` under which a browser may open the page, such as that of a dev tunnel; repeat it for more")
	flags.BoolVar(&o.ContentLength, "content-length", false, "send Content-Length to the handler, as func start does; by default the body is chunked, as in Azure")
	flags.BoolVar(&o.Keys, "keys", false, "require access keys, as Azure does; they are in keys.json in the data folder")
	flags.Float64Var(&o.TimeScale, "time-scale", 60, "divide the pauses of Event Grid by this `number`")
	flags.IntVar(&o.Faults.Crashes, "fail-crashes", 0, "kill the handler during the next `n` invocations")
	flags.Float64Var(&o.Faults.FailWrites, "fail-writes", 0, "the `share` of output writes that fail, from 0 to 1")
	flags.Float64Var(&o.Faults.Duplicates, "fail-duplicates", 0, "the `share` of deliveries that are repeated, from 0 to 1")
	flags.BoolVar(&o.Faults.Reorder, "fail-reorder", false, "deliver events in a different order")
	flags.DurationVar(&o.Faults.Delay, "fail-delay", 0, "delay every event by this `duration`, such as 5s")
	flags.BoolVar(&o.Once, "func", false, "exit when the host ends, as func start does; by default a new host starts, as in Azure")
	return command
}

// appFlags adds the flags for the app and its storage.
func appFlags(flags *pflag.FlagSet, o *platform.Options) {
	flags.StringVar(&o.Folder, "app", ".", "the `folder` of the app, which contains host.json")
	flags.StringVar(&o.Data, "data", "", "the data `folder` of devhost (default: .devhost in the app's folder)")
	flags.StringVar(&o.Storage, "storage", platform.Embedded, "where outputs are written: embedded, which is files in the data folder; a `connection` string; or the name of a setting that contains one")
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

// banner shows what runs, where outputs are written, and how to try it. With
// --json-logs it is a log line.
func (p *program) banner(running *platform.Platform, o platform.Options) {
	app := running.App()
	if p.jsonLogs {
		o.Log.Info().Str("component", "devhost").Str("app", app.Root).Str("url", running.URL()).Str("topic", running.Topic()).Msg("devhost runs the app")
		return
	}
	fmt.Fprintf(p.stdout, "Open %s/ in a browser: write as a WhatsApp user and follow each event.\n\n", running.URL())
	fmt.Fprintf(p.stdout, "devhost runs %s at %s (Ctrl-C stops it)\n", app.Root, running.URL())
	for i, app := range running.Apps() {
		if i > 0 {
			fmt.Fprintf(p.stdout, "\nand beside it %s\n", app.Root)
		}
		for _, function := range app.Functions {
			fmt.Fprintf(p.stdout, "\n  %s\n", function.Name)
			for _, output := range function.Outputs {
				fmt.Fprintf(p.stdout, "    %-16s → %s\n", output.Name, target(output))
			}
		}
	}
	if o.Storage == platform.Embedded {
		fmt.Fprintf(p.stdout, "\nOutputs    files in %s\n", relative(filepath.Join(running.Data(), "storage")))
	} else {
		fmt.Fprintf(p.stdout, "\nOutputs    the storage account of --storage\n")
	}
	fmt.Fprintf(p.stdout, "Topic      %s\n", running.Topic())
	if running.MetaFunction() != "" {
		fmt.Fprintf(p.stdout, "Meta       %s\n", running.URL()+eventgrid.MetaPath)
	}
	fmt.Fprintf(p.stdout, "Webhooks   %s\n", running.Webhook("<function>"))
	fmt.Fprintf(p.stdout, "\nSend a text message and show the outputs:\n\n  bin/devhost send --text Hello%s\n  bin/devhost outputs%s\n\n",
		flagUnless("topic", running.Topic(), topicAddress),
		flagUnless("app", o.Folder, ".")+flagUnless("data", o.Data, "")+flagUnless("storage", o.Storage, platform.Embedded))
}

// flagUnless returns a flag, unless its value is the default.
func flagUnless(name, value, otherwise string) string {
	if value == otherwise {
		return ""
	}
	return fmt.Sprintf(" --%s '%s'", name, value)
}

// target returns the type and target of an output in function.json.
func target(output app.Binding) string {
	for _, field := range []string{"queueName", "tableName", "path"} {
		if name := output.Text(field); name != "" {
			return output.Type + " " + name
		}
	}
	return output.Type
}

// relative returns a path relative to the working directory, if that is shorter.
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
