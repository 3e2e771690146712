// Command redeliver brings events to a function that did not take them the
// first time: dead letters of Event Grid, events that the function rejected,
// and messages that are in the table Messages and were missed in the queue.
//
// Nobody but Azure can publish to a system topic, so it posts to the function's
// webhook, as Event Grid does. Events that were written before are harmless:
// they give the same rows, and queue messages with the same source and id. An
// event that is made of a row has the time that the row's key came from.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// envKey holds the system key eventgrid_extension. As an argument it could be
// read by whoever lists processes.
const envKey = "EVENTGRID_KEY"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "redeliver:", err)
		}
		os.Exit(1)
	}
}

const usage = `usage: redeliver [flags] <file or folder>...

Files are blobs of the containers dead-letters and rejected-events, or rows of
the table Messages as az storage entity query prints them. Of a folder, all
files below it whose names end in .json. Every event goes to the function that
subscriptions.json names for its type. The key is in the variable ` + envKey + `.

`

// options are the flags.
type options struct {
	url           string
	subscriptions string
	source        string
	dryRun        bool
	check         bool
}

// run is the program.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("redeliver", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.url, "url", "http://127.0.0.1:7071", "the app's `address`")
	flags.StringVar(&o.subscriptions, "subscriptions", "infra/subscriptions.json", "the `file` that says which event type goes to which function")
	flags.StringVar(&o.source, "source", "", "for rows: the resource `id` of the ACS resource, which is the source of its events")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only say what would be delivered")
	flags.BoolVar(&o.check, "check", false, "deliver nothing, but ask every function whether it is there")
	if err := flags.Parse(args); err != nil {
		return err
	}
	routes, err := readRoutes(o.subscriptions)
	if err != nil {
		return err
	}
	hook := endpoint{url: o.url, key: getenv(envKey)}
	if o.check {
		return check(ctx, hook, routes, stdout)
	}
	if flags.NArg() == 0 {
		return errors.New("name the files or folders with the events (redeliver -help)")
	}
	files, err := jsonFiles(flags.Args())
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there is no file whose name ends in .json")
	}
	var failed []error
	for _, file := range files {
		if err := o.redeliver(ctx, hook, routes, file, stdout); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", file, err))
		}
	}
	return errors.Join(failed...)
}

// check asks every function for the handshake of CloudEvents, for which it is
// not called.
func check(ctx context.Context, hook endpoint, routes routes, stdout io.Writer) error {
	for _, r := range routes {
		if err := hook.handshake(ctx, r.Function); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s is there\n", r.Function)
	}
	return nil
}

// redeliver brings one file's events, each to its function, and says how many.
func (o options) redeliver(ctx context.Context, hook endpoint, routes routes, file string, stdout io.Writer) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	found, err := read(content, o.source)
	if err != nil {
		return err
	}
	for _, why := range found.left {
		fmt.Fprintf(stdout, "%s: left: %s\n", file, why)
	}
	if len(found.events) == 0 {
		fmt.Fprintf(stdout, "%s: no event to deliver\n", file)
	}
	for _, batch := range routes.batches(found.events) {
		verb := "would go"
		if !o.dryRun {
			if err := hook.deliver(ctx, batch); err != nil {
				return err
			}
			verb = "went"
		}
		fmt.Fprintf(stdout, "%s: %d events %s to %s\n", file, len(batch.events), verb, batch.function)
	}
	var failed []error
	if found.missing > 0 {
		failed = append(failed, fmt.Errorf("%d events can't be delivered from this file: what it says of them above tells why", found.missing))
	}
	if n := found.unroutable(routes); n > 0 {
		failed = append(failed, fmt.Errorf("%d events are of types that %s does not name: they stay where they are", n, o.subscriptions))
	}
	return errors.Join(failed...)
}
