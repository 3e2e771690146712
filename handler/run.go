package main

import (
	"context"
	"io"

	"whatsapp-functions/handler/functions"
	"whatsapp-functions/handler/worker"
)

// run is the program: it serves until ctx is done, then finishes running
// invocations. It returns the exit code.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdout, stderr io.Writer) int {
	program := worker.Program{Name: "handler", Args: args, LookupEnv: lookupEnv, Stdout: stdout, Stderr: stderr}
	return program.Run(ctx, func(env *worker.Environment) worker.Service {
		settings, maxBody := readSettings(env)
		return worker.Service{Functions: functions.All(settings), MaxBody: maxBody}
	})
}
