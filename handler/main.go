// Command handler is the custom handler of the app: the Azure Functions host
// starts it and posts it every delivery of Event Grid.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args, os.LookupEnv, os.Stdout, os.Stderr))
}
