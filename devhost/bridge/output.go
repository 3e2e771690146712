package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// Outcome is the result of writing an answer's outputs.
type Outcome struct {
	// Written lists what each output wrote, also if another one failed.
	Written []Written
	// Remarks list what the host changed or ignored without a message.
	Remarks []string
	// Response is the answer of an HTTP function; nil if it gave none.
	Response *HTTPResponse
}

// Written is what one output wrote.
type Written struct {
	// Output is the binding's name.
	Output string
	// Target is the store, such as "queue inbound-messages".
	Target string
	Items  []Item
}

// Item is one queue message, row or blob.
type Item struct {
	// Name is a blob's name or a row's keys.
	Name string
	// Content is the message, the row as JSON, or the blob.
	Content []byte
}

// Write writes the answer's outputs. It is not a transaction, but it has two
// phases. First, for all outputs at once, queue messages are sent, rows are
// checked, and blobs are created empty. Only if nothing failed, rows are written
// and blobs get their content, in the order of the bindings.
func Write(ctx context.Context, function app.Function, answer Answer, expressions Expressions, store storage.Writer) (Outcome, error) {
	outcome := Outcome{Remarks: remarksOnAnswer(function, answer)}
	var outputs []*output
	for _, binding := range function.Outputs {
		value, dataType, given := pick(answer, function.Outputs, binding)
		if isNull := value.Kind == dotnet.KindNull || value.Kind == dotnet.KindUndefined; !given || isNull && !binding.Is("http") {
			continue
		}
		outcome.Remarks = append(outcome.Remarks, remarksOnValue(binding, value, dataType)...)
		outputs = append(outputs, &output{binding: binding, isHTTP: function.Route != nil, content: newContent(value, dataType), expressions: expressions, store: store})
	}
	failures := make([]error, len(outputs))
	var starting sync.WaitGroup
	for i, o := range outputs {
		starting.Go(func() { failures[i] = o.named(o.start(ctx)) })
	}
	starting.Wait()
	err := errors.Join(failures...)
	for _, o := range outputs {
		if err == nil && o.finish != nil {
			err = o.named(o.finish(ctx))
		}
		if len(o.items) > 0 {
			outcome.Written = append(outcome.Written, Written{o.binding.Name, o.target, o.items})
		}
		if o.response != nil {
			outcome.Response = o.response
		}
	}
	if function.Route != nil && outcome.Response == nil && answer.ReturnValue.Kind != dotnet.KindNull && !bound(function.Outputs, returnValue) {
		outcome.Response = returned(answer.ReturnValue)
	}
	return outcome, err
}

// returnValue is the name of the output that takes only ReturnValue.
const returnValue = "$return"

// pick returns the value of an output and the dataType to read it with. Names
// are case-sensitive. If no output is called $return, the fields of a ReturnValue
// override Outputs, and are not decoded from base64.
func pick(answer Answer, outputs []app.Binding, output app.Binding) (value dotnet.Value, dataType string, given bool) {
	if output.Name == returnValue {
		return answer.ReturnValue, output.DataType, answer.ReturnValue.Kind != dotnet.KindNull
	}
	if !bound(outputs, returnValue) {
		if value, ok := answer.ReturnValue.Get(output.Name); ok {
			return value, "binary", true
		}
	}
	value, given = dotnet.NewObject(answer.Outputs...).Get(output.Name)
	return value, output.DataType, given
}

func bound(outputs []app.Binding, name string) bool {
	return slices.ContainsFunc(outputs, func(o app.Binding) bool { return o.Name == name })
}

// output writes the value of one output.
type output struct {
	binding     app.Binding
	isHTTP      bool // the trigger is HTTP
	content     content
	expressions Expressions
	store       storage.Writer

	// response is the answer that an http output gives.
	response *HTTPResponse
	// finish is the second phase, or nil.
	finish func(ctx context.Context) error
	// target and items are what has been written.
	target string
	items  []Item
}

func (o *output) named(err error) error {
	if err != nil {
		err = fmt.Errorf("output %s: %w", o.binding.Name, err)
	}
	return err
}

// start does the first phase.
func (o *output) start(ctx context.Context) error {
	if o.binding.Is("http") {
		return o.respond()
	}
	if !o.binding.Written {
		return o.record()
	}
	// devhost can't use a managed identity, and writes to its own storage instead.
	if err := app.CheckConnection(o.binding.Text("connection"), o.expressions.Setting); err != nil && !errors.Is(err, app.ErrIdentity) {
		return err
	}
	switch {
	case o.binding.Is("queue"):
		return o.sendMessages(ctx)
	case o.binding.Is("table"):
		return o.addRows(ctx)
	default:
		return o.openBlob(ctx)
	}
}

// resolve returns a field of the binding with its expressions replaced.
func (o *output) resolve(field string) (string, error) {
	text, err := o.expressions.Resolve(o.binding.Text(field))
	if err != nil {
		return "", fmt.Errorf("%s: %w", field, err)
	}
	return text, nil
}

// respond reads the answer of an HTTP function.
func (o *output) respond() (err error) {
	if !o.isHTTP {
		return errors.New("the trigger is not HTTP, so nobody waits for an answer")
	}
	if o.response, err = readResponse(o.content.value); err == nil {
		o.target, o.items = fmt.Sprintf("http %d", o.response.Status), []Item{o.response.item()}
	}
	return err
}

// record keeps the items of an output that devhost can't write.
func (o *output) record() error {
	o.target = o.binding.Type + " (recorded, not sent)"
	items, err := o.content.items()
	for _, item := range items {
		o.items = append(o.items, Item{Content: item})
	}
	return err
}

func (o *output) sendMessages(ctx context.Context) error {
	queue, err := o.resolve("queueName")
	if err != nil {
		return err
	}
	queue = strings.ToLower(queue)
	o.target = "queue " + queue
	messages, err := o.content.items()
	if err != nil {
		return err
	}
	for _, message := range messages {
		if err := o.store.Enqueue(ctx, queue, message); err != nil {
			return err
		}
		o.items = append(o.items, Item{Content: message})
	}
	return nil
}

func (o *output) openBlob(ctx context.Context) error {
	path, err := o.resolve("path")
	if err != nil {
		return err
	}
	// As in any URL, .. removes the segment before it.
	path = strings.TrimPrefix(new(url.URL).ResolveReference(&url.URL{Path: "/" + path}).Path, "/")
	container, name, ok := strings.Cut(path, "/")
	if !ok {
		return fmt.Errorf("path %q has no blob name after the container", path)
	}
	o.target = "container " + container
	if err := o.store.PutBlob(ctx, container, name, nil); err != nil {
		return err
	}
	content, err := o.content.blob()
	if err != nil {
		return fmt.Errorf("%w; the blob is left empty", err)
	}
	o.finish = func(ctx context.Context) error {
		err := o.store.PutBlob(ctx, container, name, content)
		if err == nil {
			o.items = []Item{{name, content}}
		}
		return err
	}
	return nil
}
