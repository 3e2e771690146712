// Command handler is the custom handler of the app: the Azure Functions host
// starts it and posts it every delivery of Event Grid.
package main

import (
	"runtime/debug"

	"whatsapp-functions/handler/worker"
)

// gcPercent is how much the heap may grow, in percent, before the garbage collector
// runs. The heap is only a few MiB. With Go's default of 100 it would be collected
// so often that a batch of 100 events takes about a sixth more processor time.
const gcPercent = 300

func main() {
	debug.SetGCPercent(gcPercent)
	worker.Main(run)
}
