package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/bridge"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/worker"
)

// Result is what came of an invocation, or of one try of it.
type Result struct {
	Call bridge.Call
	// Delivery is the delivery that it belongs to: see [WithDelivery].
	Delivery string
	Started  time.Time
	// Exchange is what was sent and answered.
	Exchange bridge.Exchange
	Logs     []string
	Outcome  bridge.Outcome
	// Answered is how long the handler took, and Took how long all did.
	Answered time.Duration
	Took     time.Duration
	// Err is why it failed, in full.
	Err error
}

// Failure is a failed invocation. As an error it says what the host tells the
// one who called; what it wraps is why, for the developer.
type Failure struct {
	message string
	err     error
}

func (f *Failure) Error() string { return f.message }

func (f *Failure) Unwrap() error { return f.err }

func newFailure(function app.Function, err error) *Failure {
	return &Failure{message: "Exception while executing function: Functions." + function.Name, err: err}
}

// Has reports whether there is a function of this name, to the letter, with an
// Event Grid trigger.
func (h *Host) Has(function string) bool {
	f, ok := h.options.App.Function(function)
	return ok && f.Trigger.Is(app.EventGridTrigger)
}

// Deliver calls a function with the events of one delivery: one for single
// events is called for all of them at once, one for many a single time. It
// returns when all is written, or the [Failure] of the first event that has
// one.
func (h *Host) Deliver(ctx context.Context, name string, events []dotnet.Value) error {
	return h.deliver(ctx, name, events, "")
}

// Input calls a function with what a person typed: an event in JSON or, for
// many, an array of them. On this way the host still takes texts for dates.
func (h *Host) Input(ctx context.Context, name, input string) error {
	value, err := dotnet.Read([]byte(input), dotnet.Options{Dates: true})
	if err != nil {
		return err
	}
	events := value.Items
	if value.Kind != dotnet.KindArray {
		events = []dotnet.Value{value}
	}
	return h.deliver(ctx, name, events, input)
}

func (h *Host) deliver(ctx context.Context, name string, events []dotnet.Value, input string) error {
	function, ok := h.options.App.Function(name)
	if !ok {
		return fmt.Errorf("no function %s", name)
	}
	call := bridge.Call{
		Function: function.Name,
		Trigger:  function.Trigger.Name,
		Events:   events,
		Many:     function.Trigger.Many,
		Input:    input,
	}
	firstBad := slices.IndexFunc(events, func(event dotnet.Value) bool { return event.Kind != dotnet.KindObject })
	if call.Many {
		if firstBad >= 0 {
			h.log.Error().Msg(ErrNoEvent.Error())
			return newFailure(function, nil)
		}
		return h.invoke(ctx, function, call)
	}
	if firstBad >= 0 {
		events = events[:firstBad] // the host starts those before it finds this one
	}
	failures := make([]error, len(events))
	var calls sync.WaitGroup
	for i := range events {
		single := call
		single.Events = events[i : i+1]
		calls.Go(func() { failures[i] = h.invoke(ctx, function, single) })
	}
	calls.Wait()
	if firstBad >= 0 {
		return ErrNoEvent
	}
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// invoke makes an invocation, several times if the app has a retry policy: all
// under one id, while the caller waits.
func (h *Host) invoke(ctx context.Context, function app.Function, call bridge.Call) error {
	// A delivery that Event Grid gave up waiting for goes on.
	ctx = context.WithoutCancel(ctx)
	call.ID = uuid.NewString()
	policy := function.Retry
	if policy == nil {
		policy = h.options.App.Host.Retry
	}
	if policy != nil {
		call.Retry = &bridge.Retry{Max: policy.Max}
	}
	for {
		err := h.try(ctx, function, call)
		if err == nil || policy == nil || policy.Max >= 0 && call.Retry.Count >= policy.Max {
			return err
		}
		next := *call.Retry
		next.Count++
		call.Retry = &next
		select {
		case <-time.After(policy.Delay(next.Count)):
		case <-h.ended:
			return err
		}
	}
}

// try makes one try: call, answer, outputs.
func (h *Host) try(ctx context.Context, function app.Function, call bridge.Call) error {
	result := Result{Delivery: deliveryOf(ctx), Started: time.Now()}
	call.Now, call.GUID = result.Started, uuid.NewString()
	result.Call = call
	answer, err := h.call(ctx, call, &result)
	result.Answered = time.Since(result.Started)
	if err == nil {
		result.Logs = answer.Logs
		result.Outcome, err = bridge.Write(ctx, function, answer, h.expressions(call), h.options.Storage)
	}
	result.Took, result.Err = time.Since(result.Started), err
	failure, ok := errors.AsType[*Failure](err)
	if ok {
		result.Err = failure.err
	} else if err != nil {
		failure = newFailure(function, err)
	}
	h.report(result)
	if failure == nil {
		return nil
	}
	return failure
}

// call calls the handler and waits for its answer, but no longer than a
// function may take. Then the handler is killed, and whatever else it is doing
// fails too.
func (h *Host) call(ctx context.Context, call bridge.Call, result *Result) (answer bridge.Answer, err error) {
	process, err := h.ready(ctx)
	if err != nil {
		return answer, err
	}
	limit := h.options.App.Host.FunctionTimeout
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	answer, result.Exchange, err = h.client.Do(ctx, call, h.crash(process, call))
	if result.Exchange.Redirected {
		h.invocationLog(call).Warn().Msg("the handler redirected the call, and the host followed")
	}
	switch {
	case errors.Is(err, bridge.ErrHangs):
		h.invocationLog(call).Error().Msg(err.Error())
		select {
		case <-ctx.Done():
		case <-h.ended:
			return answer, err
		}
	case !errors.Is(err, context.DeadlineExceeded):
		return answer, err
	}
	h.handler.kill(process)
	return answer, &Failure{
		message: fmt.Sprintf("Timeout value of %s was exceeded by function: Functions.%s", timeSpan(limit), call.Function),
		err:     fmt.Errorf("no answer within functionTimeout, %s: the host kills the handler, and with it every other invocation that is under way", limit),
	}
}

// crash is what kills the handler while it reads its request; nil unless that
// was asked for.
func (h *Host) crash(process *worker.Process, call bridge.Call) func() {
	if !h.options.Faults.Crash() {
		return nil
	}
	return func() {
		h.invocationLog(call).Warn().Msg("the handler is killed on request, by a fault that is switched on")
		process.Kill()
	}
}

// timeSpan writes a duration as .NET does.
func timeSpan(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

func (h *Host) expressions(call bridge.Call) bridge.Expressions {
	e := bridge.Expressions{
		Setting: func(name string) (string, bool) {
			if value, ok := h.environment[name]; ok {
				return value, true
			}
			return h.options.App.Setting(name)
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
