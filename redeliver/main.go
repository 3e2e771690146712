// Command redeliver posts events again to functions that did not take them:
// dead letters of Event Grid, events that a function rejected, and messages that
// are in the table Messages but were missed in the queue.
//
// Only Azure can publish to a system topic, so redeliver posts to the functions'
// webhook, as Event Grid does. Events that were written before are harmless: they
// give the same rows, and queue messages with the same source and id.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/pflag"
)

// The environment variables of secrets. Arguments appear in lists of processes.
const (
	envKey   = "EVENTGRID_KEY"
	envToken = "STORAGE_TOKEN"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

const usage = `usage: redeliver --url <address> [flags] <file or folder or ->...

Reads blobs of the containers dead-letters and rejected-events, rows of the table
Messages as az storage entity query prints them, and single events. A file may
hold several JSON values, one a line. Of a folder, all files below it whose names
end in .json, .jsonl or .ndjson are read; - is standard input. Every event goes to
the function that subscriptions.json names for its type.

redeliver prints for each event whether it was written, rejected again, accepted
(written or rejected: without --rejected it can't know), not accepted or not
delivered. The exit code is 1 unless every event was written or accepted.

The app's system key eventgrid_extension is read from ` + envKey + `, an access token
for --rejected from ` + envToken + `.

`

// options are the flags.
type options struct {
	url            string
	subscriptions  string
	source         string
	rejected       string
	timeout        time.Duration
	includeWritten bool
	dryRun         bool
	check          bool
	checkWebhook   bool
}

// errUsage marks errors in the command line: exit code 2.
var errUsage = errors.New("see redeliver --help")

func usageError(format string, args ...any) error {
	return fmt.Errorf(format+"; %w", append(args, errUsage)...)
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	flags := pflag.NewFlagSet("redeliver", pflag.ContinueOnError)
	flags.SetOutput(stdout) // the help
	flags.SortFlags = false
	flags.Usage = func() { fmt.Fprint(stdout, usage, flags.FlagUsages()) }
	flags.StringVar(&o.url, "url", "", "the app's `address`; http only on this machine")
	flags.StringVar(&o.subscriptions, "subscriptions", "infra/subscriptions.json", "the `file` that lists which event type goes to which function")
	flags.StringVar(&o.source, "source", "", "for rows: the `source` of the messages, such as the ACS resource's id or urn:meta:whatsapp:<account>")
	flags.StringVar(&o.rejected, "rejected", "", "where to look for rejections: the `address` of the container rejected-events, or a folder")
	flags.DurationVar(&o.timeout, "timeout", 4*time.Minute, "the longest `duration` to wait for an answer")
	flags.BoolVar(&o.includeWritten, "include-written", false, "also deliver rejected events that were written in part (oversize)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only print what would be delivered")
	flags.BoolVar(&o.check, "check", false, "deliver nothing, but check that every function answers")
	flags.BoolVar(&o.checkWebhook, "check-webhook", false, "deliver nothing, but check that the webhook of Meta's Cloud API refuses what is not signed")
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err != nil {
		err = usageError("%w", err)
	} else {
		err = o.run(ctx, flags.Args(), getenv, stdin, stdout)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "redeliver:", err)
		return 2
	default:
		fmt.Fprintln(stderr, "redeliver:", err)
		return 1
	}
}

func (o options) run(ctx context.Context, names []string, getenv func(string) string, stdin io.Reader, stdout io.Writer) error {
	if o.timeout <= 0 {
		return usageError("--timeout must be greater than 0")
	}
	var hook endpoint
	if o.url != "" || !o.dryRun {
		var err error
		if hook, err = newEndpoint(o.url, getenv(envKey), o.timeout); err != nil {
			return err
		}
	}
	checks := o.check || o.checkWebhook
	if checks && len(names) > 0 {
		return usageError("--check and --check-webhook take no files")
	}
	if !checks && len(names) == 0 {
		return usageError("name the files or folders with the events")
	}
	routes, err := readRoutes(o.subscriptions)
	if err != nil {
		return err
	}
	if checks {
		return o.runChecks(ctx, hook, routes, stdout)
	}
	d := delivery{options: o, hook: hook, routes: routes, out: stdout}
	if o.rejected != "" && !o.dryRun {
		if d.rejections, err = openRejections(ctx, o.rejected, getenv(envToken), hook.local); err != nil {
			return err
		}
	}
	for input, err := range inputs(names, stdin) {
		if err != nil {
			d.problem(input.name, err)
			continue
		}
		d.deliver(ctx, input)
	}
	return d.summary(ctx)
}
