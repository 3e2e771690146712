// Package host is an instance of the Functions host: it runs one app's handler
// and calls it with what is delivered to the app's functions.
package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/binding"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/invocation"
	"whatsapp-functions/devhost/storage"
	"whatsapp-functions/devhost/worker"
)

// Options say what to run.
type Options struct {
	App *app.App
	// Environ is the environment that devhost itself has.
	Environ []string
	// Hostname is where devhost listens, host:port.
	Hostname string
	// Storage is where outputs go.
	Storage storage.Storage
	// Console is told what happens.
	Console Console
}

// Console is where a host says what happens. It must be safe for many
// goroutines.
type Console interface {
	// Line is a line that the handler wrote.
	Line(line worker.Line)
	// Done is an invocation that has ended.
	Done(result Result)
	// Say is a remark of the host's own.
	Say(level worker.Level, text string)
}

// Result is what came of an invocation.
type Result struct {
	ID       string
	Function string
	Events   int
	Logs     []string
	Written  []binding.Written
	Took     time.Duration
	Err      error
}

// Host is a host that runs.
type Host struct {
	options     Options
	environment worker.Environment
	process     *worker.Process
	client      *invocation.Client
}

// Start starts the handler and waits until it is ready.
func Start(ctx context.Context, o Options) (*Host, error) {
	h := &Host{options: o}
	h.environment = worker.NewEnvironment(o.Environ).With(o.App.Settings).Override(map[string]string{
		"AZURE_FUNCTIONS_ENVIRONMENT": "Development",
		"AzureWebJobsScriptRoot":      o.App.Root,
		"WEBSITE_HOSTNAME":            o.Hostname,
	})
	process, err := worker.Start(worker.Options{
		Handler:     o.App.Host.Handler,
		Root:        o.App.Root,
		Environment: h.environment,
		ID:          uuid.NewString(),
		Line:        o.Console.Line,
	})
	if err != nil {
		return nil, err
	}
	if err := process.Ready(ctx, o.App.Host.Handler.StartTimeout); err != nil {
		process.Kill()
		if last := process.LastErrors(); len(last) > 0 {
			err = fmt.Errorf("%w; its last errors:\n%s", err, strings.Join(last, "\n"))
		}
		return nil, err
	}
	h.process, h.client = process, invocation.NewClient(process.Address)
	return h, nil
}

// Stop kills the handler, as the host does.
func (h *Host) Stop() {
	h.client.Close()
	h.process.Kill()
}

// Ended is closed when the handler has ended by itself.
func (h *Host) Ended() <-chan struct{} { return h.process.Done() }

// ExitCode is the handler's, once it has ended.
func (h *Host) ExitCode() int { return h.process.ExitCode() }

// Has implements [webhook.Functions].
func (h *Host) Has(function string) bool {
	f, ok := h.options.App.Function(function)
	return ok && f.Trigger.Is("eventGridTrigger")
}

// Deliver implements [webhook.Functions]: a function for single events is
// called for all of them at once, one for many a single time.
func (h *Host) Deliver(ctx context.Context, name string, events []dotnet.Value) error {
	function, ok := h.options.App.Function(name)
	if !ok {
		return fmt.Errorf("no function %s", name)
	}
	if function.Trigger.Many {
		return h.invoke(ctx, function, events)
	}
	failures := make([]error, len(events))
	var calls sync.WaitGroup
	for i := range events {
		calls.Go(func() { failures[i] = h.invoke(ctx, function, events[i:i+1]) })
	}
	calls.Wait()
	return errors.Join(failures...)
}

// invoke makes one invocation: call, answer, outputs.
func (h *Host) invoke(ctx context.Context, function app.Function, events []dotnet.Value) error {
	start := time.Now()
	result := Result{ID: uuid.NewString(), Function: function.Name, Events: len(events)}
	// A delivery that Event Grid gave up waiting for goes on.
	ctx = context.WithoutCancel(ctx)
	if limit := h.options.App.Host.FunctionTimeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	call := invocation.Call{
		ID:       result.ID,
		Function: function.Name,
		Trigger:  function.Trigger.Name,
		Events:   events,
		Many:     function.Trigger.Many,
		Now:      start,
		GUID:     uuid.NewString(),
	}
	answer, err := h.client.Do(ctx, call)
	if err == nil {
		result.Logs = answer.Logs
		result.Written, err = binding.Write(ctx, function, answer, h.expressions(call), h.options.Storage)
	}
	result.Err, result.Took = err, time.Since(start)
	h.options.Console.Done(result)
	return err
}

func (h *Host) expressions(call invocation.Call) binding.Expressions {
	e := binding.Expressions{
		Setting: func(name string) (string, bool) {
			value, ok := h.environment[name]
			return value, ok
		},
		Function: call.Function,
		Now:      call.Now,
		GUID:     uuid.NewString,
	}
	if !call.Many {
		e.Data, _ = call.Events[0].Get("data")
	}
	return e
}
