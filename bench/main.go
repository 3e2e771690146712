// Command bench measures the handler as it ships against a server that does
// nothing: how fast it answers, what an event costs, and what it takes to
// start and to run. Absolute figures are the machine's; the ratios count.
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args, os.Stdout, os.Stderr))
}
