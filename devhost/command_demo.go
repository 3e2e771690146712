package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"whatsapp-functions/devhost/demo"
	"whatsapp-functions/devhost/eventgrid"
	"whatsapp-functions/devhost/platform"
)

func (p *program) demoCommand() *cobra.Command {
	var folder, expect string
	command := &cobra.Command{
		Use:   "demo file...",
		Short: "Run the app, publish the events of files, and account for each",
		Long: `Run the app on a free port with empty storage, deliver the events of each file,
read storage back, and show one item of every queue, table and container.

The exit code is 1 if an event is found neither where it belongs nor among the
rejected ones.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, files []string) error {
			return p.demo(command.Context(), folder, expect, files)
		},
	}
	command.Flags().StringVar(&folder, "app", ".", "the app's `folder`, with host.json in it")
	command.Flags().StringVar(&expect, "expect", "", "the `file` that states where functions write events (default: testdata/demo.json in the app's folder)")
	return command
}

func (p *program) demo(ctx context.Context, folder, expect string, files []string) error {
	if expect == "" {
		expect = filepath.Join(folder, "testdata", "demo.json")
	}
	expectations, err := demo.ReadExpectations(expect)
	if err != nil {
		return err
	}
	subscriptions, err := eventgrid.ReadSubscriptions(filepath.Join(folder, platform.SubscriptionsFile))
	if err != nil {
		return err
	}
	data := filepath.Join(folder, platform.DataFolder, "demo")
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	running, err := platform.Start(ctx, platform.Options{
		Folder:  folder,
		Address: "127.0.0.1:0",
		Data:    data,
		Environ: p.environ,
		Log:     p.log(p.stdout),
	})
	if err != nil {
		return err
	}
	defer running.Stop()
	err = demo.Demo{
		Files:         files,
		Subscriptions: subscriptions,
		Expectations:  expectations,
		Webhook:       running.Webhook,
		Meta:          running.MetaFunction(),
		DeliverMeta: func(ctx context.Context, body []byte) error {
			if err := eventgrid.PublishTo(ctx, running.URL()+eventgrid.MetaPath, body); err != nil {
				return err
			}
			return settled(ctx, running)
		},
		Storage: running.Storage(),
		Out:     p.stdout,
	}.Run(ctx)
	if errors.Is(err, demo.ErrLost) {
		return fmt.Errorf("%w: what is there is in %s", err, filepath.Join(data, "storage"))
	}
	return err
}

// deliveryLimit is how long the demo waits for a delivery.
const deliveryLimit = 30 * time.Second

// settled waits until everything that was published is delivered.
func settled(ctx context.Context, running *platform.Platform) error {
	for end := time.Now().Add(deliveryLimit); running.Pending() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("it is not delivered within %s", deliveryLimit)
		}
	}
	return nil
}
