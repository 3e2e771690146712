package main

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/platform"
	"whatsapp-functions/devhost/storage"
)

func (p *program) outputsCommand() *cobra.Command {
	var o platform.Options
	var asJSON bool
	command := &cobra.Command{
		Use:   "outputs [name...]",
		Short: "Show what the app has written",
		Long: `Show what the app has written: all queues, tables and containers with a line for
each item, or some of them, by name, with every item whole.`,
		Example: `  devhost outputs
  devhost outputs inbound-messages Messages
  devhost outputs --json | jq '.queues[] | select(.name=="inbound-messages") | .messages[-1].text | fromjson'`,
		RunE: func(command *cobra.Command, names []string) error {
			return p.outputs(command.Context(), o, names, asJSON)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&asJSON, "json", false, "print JSON: rows as the table service writes them")
	appFlags(flags, &o)
	return command
}

func (p *program) outputs(ctx context.Context, o platform.Options, names []string, asJSON bool) error {
	store, err := platform.OpenStorage(ctx, o.Folder, o.Data, o.Storage, p.environ, p.log(p.stderr))
	if err != nil {
		return err
	}
	contents, err := storage.ReadContents(ctx, store)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		if contents, err = only(contents, names); err != nil {
			return err
		}
	}
	switch {
	case asJSON:
		return json.MarshalWrite(p.stdout, contents, jsontext.WithIndent("  "))
	case len(contents.Queues)+len(contents.Tables)+len(contents.Containers) == 0:
		fmt.Fprintln(p.stdout, "nothing is written yet: devhost send --text Hello, while devhost run runs")
	case len(names) > 0:
		full.print(p.stdout, contents)
	default:
		brief.print(p.stdout, contents)
	}
	return nil
}

// only is what bears one of the names.
func only(all storage.Contents, names []string) (storage.Contents, error) {
	var some storage.Contents
	for _, name := range names {
		before := len(some.Queues) + len(some.Tables) + len(some.Containers)
		if i := slices.IndexFunc(all.Queues, func(q storage.Queue) bool { return q.Name == name }); i >= 0 {
			some.Queues = append(some.Queues, all.Queues[i])
		}
		if i := slices.IndexFunc(all.Tables, func(t storage.Table) bool { return t.Name == name }); i >= 0 {
			some.Tables = append(some.Tables, all.Tables[i])
		}
		if i := slices.IndexFunc(all.Containers, func(c storage.Container) bool { return c.Name == name }); i >= 0 {
			some.Containers = append(some.Containers, all.Containers[i])
		}
		if len(some.Queues)+len(some.Tables)+len(some.Containers) == before {
			return some, fmt.Errorf("there is no queue, table or container %s", name)
		}
	}
	return some, nil
}
