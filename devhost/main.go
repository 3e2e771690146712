// Command devhost is a Functions host for one machine. It runs an app folder
// offline, with its host.json, function.json files and handler, as Azure does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	makeFilesPrivate()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args, os.Environ(), os.Stdout, os.Stderr))
}
