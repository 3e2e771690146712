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
	defer stop()
	os.Exit(run(ctx, os.Args, os.LookupEnv, os.Stdout, os.Stderr))
}
