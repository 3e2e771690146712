// Command handler is the custom handler of the app: the Azure Functions host
// starts it and posts it every delivery of Event Grid.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// gcPercent is how much the heap may grow, in percent, before the garbage collector
// runs. The heap is only a few MiB. With Go's default of 100 it would be collected
// so often that a batch of 100 events takes about a sixth more processor time.
const gcPercent = 300

func main() {
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args, os.LookupEnv, os.Stdout, os.Stderr))
}
