package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
)

// outputsOptions are the flags of devhost outputs.
type outputsOptions struct {
	platform.Options
	names  []string
	json   bool
	follow bool
	last   int
}

// followEvery is the pause between two looks at storage.
const followEvery = 500 * time.Millisecond

func (p *program) outputsCommand() *cobra.Command {
	var o outputsOptions
	command := &cobra.Command{
		Use:   "outputs [name...]",
		Short: "Show what the app has written",
		Long: `Show what the app has written: all queues, tables and containers with a line for
each item, or some of them, by name in any case, with every item whole.`,
		Example: `  devhost outputs
  devhost outputs inbound-messages Messages
  devhost outputs messages --last 1
  devhost outputs --follow
  devhost outputs --json | jq '.queues[] | select(.name=="inbound-messages") | .messages[-1].text | fromjson'`,
		RunE: func(command *cobra.Command, names []string) error {
			o.names = names
			if o.last < 0 || command.Flags().Changed("last") && o.last == 0 {
				return usageError{fmt.Errorf("--last %d: write a number from 1", o.last)}
			}
			return p.outputs(command.Context(), o)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&o.json, "json", false, "print JSON: rows as the table service writes them")
	flags.IntVar(&o.last, "last", 0, "show only the last `number` of items written to each (default: all)")
	flags.BoolVar(&o.follow, "follow", false, "go on, and show what is written, until Ctrl-C")
	command.MarkFlagsMutuallyExclusive("json", "follow")
	appFlags(flags, &o.Options)
	return command
}

func (p *program) outputs(ctx context.Context, o outputsOptions) error {
	store, err := platform.OpenStorage(ctx, o.Folder, o.Data, o.Storage, p.environ, p.log(p.stderr))
	if err != nil {
		return err
	}
	contents, err := o.read(ctx, store)
	if err != nil {
		return err
	}
	items := brief
	if len(o.names) > 0 {
		items = full
	}
	seen := contents
	if o.last > 0 {
		contents = contents.Last(o.last)
	}
	switch {
	case o.json:
		return json.MarshalWrite(p.stdout, contents, jsontext.WithIndent("  "))
	case len(contents.Queues)+len(contents.Tables)+len(contents.Containers) > 0:
		items.print(p.stdout, contents)
	case !o.follow:
		fmt.Fprintln(p.stdout, "nothing is written yet: devhost send --text Hello, while devhost run runs")
	}
	for o.follow {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
		now, err := o.read(ctx, store)
		if err != nil && ctx.Err() == nil {
			return err
		}
		items.print(p.stdout, now.Since(seen))
		seen = now
	}
	return nil
}

// read reads storage, or the named parts of it. While outputs are followed, a name
// may not be there yet.
func (o outputsOptions) read(ctx context.Context, store storage.Reader) (storage.Contents, error) {
	contents, err := storage.ReadContents(ctx, store)
	if err != nil || len(o.names) == 0 {
		return contents, err
	}
	some, unknown := contents.Named(o.names)
	if len(unknown) > 0 && !o.follow {
		return some, fmt.Errorf("there is no queue, table or container %s: there is %s", unknown[0], namesIn(contents))
	}
	return some, nil
}

// namesIn lists the names in storage for an error.
func namesIn(c storage.Contents) string {
	var names []string
	for _, queue := range c.Queues {
		names = append(names, queue.Name)
	}
	for _, table := range c.Tables {
		names = append(names, table.Name)
	}
	for _, container := range c.Containers {
		names = append(names, container.Name)
	}
	if len(names) == 0 {
		return "nothing yet"
	}
	return strings.Join(names, ", ")
}
