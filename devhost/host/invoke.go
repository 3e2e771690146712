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
)

// Result describes one attempt of an invocation.
type Result struct {
	Call bridge.Call
	// Delivery is the delivery of the event: see [WithDelivery].
	Delivery string
	Started  time.Time
	// Exchange is the request and the answer as they were sent.
	Exchange bridge.Exchange
	Logs     []string
	Outcome  bridge.Outcome
	// Answered is the time until the handler's answer, Took the time until the
	// outputs were written.
	Answered time.Duration
	Took     time.Duration
	// Err is the reason of a failure in full.
	Err error
}

// Failure is a failed invocation. Error returns the host's message to the caller;
// the wrapped error is the reason, for the developer.
type Failure struct {
	message string
	err     error
}

func (f *Failure) Error() string { return f.message }

func (f *Failure) Unwrap() error { return f.err }

func newFailure(function string, err error) *Failure {
	return &Failure{message: "Exception while executing function: Functions." + function, err: err}
}

// ErrCrashOnRequest reports that the fault Crash killed the handler during the
// invocation.
var ErrCrashOnRequest = errors.New("the handler was killed on request, by the fault Crash")

// deliveryKey is the context key of a delivery's id.
type deliveryKey struct{}

// WithDelivery sets the delivery that the invocations belong to: see
// [Result].Delivery.
func WithDelivery(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, deliveryKey{}, id)
}

// Has implements [Functions].
func (h *Host) Has(function string) bool {
	f, ok := h.options.App.Function(function)
	return ok && f.Trigger.Is(app.EventGridTrigger)
}

// Deliver implements [Functions]. It calls a function of cardinality many once,
// and any other once for every event, all at the same time.
func (h *Host) Deliver(ctx context.Context, function string, events []dotnet.Value) error {
	return h.deliver(ctx, function, events, "")
}

// Input calls a function once with what a person typed: the text of a queue
// message, or the JSON of an event or, for cardinality many, of an array of
// events. The host still turns strings in events into dates here.
func (h *Host) Input(ctx context.Context, function, input string) error {
	if f, ok := h.options.App.Function(function); ok && f.Queue != "" {
		return h.callWithInput(ctx, f, input)
	}
	value, err := dotnet.Read([]byte(input), dotnet.Options{Dates: true})
	if err != nil {
		return err
	}
	events := value.Items
	if value.Kind != dotnet.KindArray {
		events = []dotnet.Value{value}
	}
	return h.deliver(ctx, function, events, input)
}

func (h *Host) function(name string) (app.Function, error) {
	function, ok := h.options.App.Function(name)
	if !ok {
		return function, fmt.Errorf("there is no function %s", name)
	}
	return function, nil
}

func (h *Host) deliver(ctx context.Context, name string, events []dotnet.Value, input string) error {
	function, err := h.function(name)
	if err != nil {
		return err
	}
	call := bridge.Call{Function: name, Trigger: function.Trigger.Name, Events: events, Many: function.Trigger.Many, Input: input}
	noEvent := slices.IndexFunc(events, func(event dotnet.Value) bool { return event.Kind != dotnet.KindObject })
	if call.Many {
		if noEvent >= 0 {
			h.log.Error().Msg(ErrNoEvent.Error())
			return newFailure(name, nil)
		}
		_, err = h.invoke(ctx, function, call)
		return err
	}
	if noEvent >= 0 {
		events = events[:noEvent] // the host starts these before it finds the other
	}
	failures := make([]error, len(events))
	var invocations sync.WaitGroup
	for i := range events {
		single := call
		single.Events = events[i : i+1]
		invocations.Go(func() { _, failures[i] = h.invoke(ctx, function, single) })
	}
	invocations.Wait()
	if noEvent >= 0 {
		return ErrNoEvent
	}
	if i := slices.IndexFunc(failures, func(err error) bool { return err != nil }); i >= 0 {
		return failures[i]
	}
	return nil
}

// invoke makes an invocation and, if the app has a retry policy, its retries:
// all with one id, while the caller waits.
func (h *Host) invoke(ctx context.Context, function app.Function, call bridge.Call) (bridge.Outcome, error) {
	// It continues if Event Grid does not wait any longer.
	ctx = context.WithoutCancel(ctx)
	call.ID = uuid.NewString()
	policy := function.Retry
	if policy == nil {
		policy = h.options.App.Host.Retry
	}
	if policy == nil {
		return h.attempt(ctx, function, call)
	}
	for count := 0; ; count++ {
		call.Retry = &bridge.Retry{Count: count, Max: policy.Max}
		outcome, err := h.attempt(ctx, function, call)
		if err == nil || policy.Max >= 0 && count >= policy.Max {
			return outcome, err
		}
		select {
		case <-time.After(policy.Delay(count + 1)):
		case <-h.over:
			return outcome, err
		}
	}
}

// attempt calls the handler, reads its answer and writes the outputs.
func (h *Host) attempt(ctx context.Context, function app.Function, call bridge.Call) (bridge.Outcome, error) {
	result := Result{Started: time.Now()}
	result.Delivery, _ = ctx.Value(deliveryKey{}).(string)
	call.Now, call.GUID = result.Started, uuid.NewString()
	result.Call = call
	var answer bridge.Answer
	var err error
	if call.Message != nil {
		err = call.Message.Check()
	}
	if err == nil {
		answer, err = h.call(ctx, call, &result)
	}
	result.Answered = time.Since(result.Started)
	if err == nil {
		result.Logs = answer.Logs
		result.Outcome, err = bridge.Write(ctx, function, answer, h.expressions(call), outputs{h.options.Storage, h.added})
	}
	result.Took = time.Since(result.Started)
	failure, ok := errors.AsType[*Failure](err)
	if err != nil && !ok {
		failure = newFailure(function.Name, err)
	}
	if failure != nil {
		result.Err = failure.err
	}
	h.report(result)
	if failure != nil {
		return result.Outcome, failure
	}
	return result.Outcome, nil
}

// call calls the handler and waits for its answer until functionTimeout. Then
// the handler is killed, so all its other invocations fail too.
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
	var midway func()
	if h.options.Faults.Crash() {
		midway = func() {
			h.invocationLog(call).Warn().Msg("the handler is killed on request, by a fault that is switched on")
			process.crashed.Store(true)
			process.kill()
		}
	}
	answer, result.Exchange, err = h.client.Do(ctx, call, midway)
	if result.Exchange.Redirected {
		h.invocationLog(call).Warn().Msg("the handler redirected the call, and the host followed")
	}
	switch {
	case err != nil && result.Exchange.Status == 0 && process.crashed.Load():
		return answer, ErrCrashOnRequest
	case errors.Is(err, bridge.ErrHangs):
		h.invocationLog(call).Error().Msg(err.Error())
		select {
		case <-ctx.Done():
		case <-h.over:
			return answer, err
		}
	case !errors.Is(err, context.DeadlineExceeded):
		return answer, err // an answer counts, also one that arrives at the deadline
	}
	process.timedOut.Store(true)
	process.kill()
	return answer, &Failure{
		message: fmt.Sprintf("Timeout value of %s was exceeded by function: Functions.%s", timeSpan(limit), call.Function),
		err:     fmt.Errorf("no answer within functionTimeout, %s: the host kills the handler, and all its other invocations fail", limit),
	}
}

// timeSpan formats a duration as .NET does.
func timeSpan(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

func (h *Host) expressions(call bridge.Call) bridge.Expressions {
	return bridge.Expressions{
		Setting: func(name string) (string, bool) {
			if value, ok := h.environment[name]; ok {
				return value, true
			}
			return h.options.App.Setting(name)
		},
		Function: call.Function,
		Now:      call.Now,
		GUID:     uuid.NewString,
		Data:     dotnet.NewObject(call.BindingData()...),
	}
}
