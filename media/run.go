package main

import (
	"context"
	"io"

	"whatsapp-functions/handler/bridge"
	"whatsapp-functions/handler/worker"
)

// maxBody is the maximum size of a request's body. A queue message has 64 KiB. The
// host escapes it twice, and repeats its fields.
const maxBody = 4 << 20

// run is the program: it serves until ctx is done, then finishes running
// invocations. It returns the exit code.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdout, stderr io.Writer) int {
	program := worker.Program{Name: "media", Args: args, LookupEnv: lookupEnv, Stdout: stdout, Stderr: stderr}
	return program.Run(ctx, func(env *worker.Environment) worker.Service {
		function := readSettings(env).Function()
		return worker.Service{Functions: []bridge.Function{function}, MaxBody: maxBody}
	})
}
