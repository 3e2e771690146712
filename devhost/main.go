// Command devhost is a Functions host for one machine: it runs an app folder
// offline, with the folder's own host.json, function.json files and handler,
// as Azure would.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args, os.Environ(), os.Stdout, os.Stderr))
}
