// Command handler is the custom handler that ships: the Azure Functions host
// starts it beside host.json and posts it every delivery of Event Grid.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	os.Exit(run(ctx, os.Args, os.LookupEnv, os.Stdout, os.Stderr))
}
