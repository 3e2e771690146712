package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"whatsapp-functions/devhost/app"
	"whatsapp-functions/devhost/dotnet"
	"whatsapp-functions/devhost/storage"
)

// Written is what went to one output.
type Written struct {
	// Output is the binding's name.
	Output string
	// Target is where it went, such as "queue inbound-messages".
	Target string
	// Items are the messages, rows or blobs.
	Items []Item
}

// Item is one message, row or blob as it was written.
type Item struct {
	// Name is a blob's name, or a row's keys.
	Name string
	// Content is a message, a row in JSON, or a blob.
	Content []byte
}

// Outcome is what came of an answer.
type Outcome struct {
	// Written is what went to each output that got something.
	Written []Written
	// Remarks are what the host changed or ignored without a word.
	Remarks []string
}

// Write writes what the answer holds for the function's outputs, all of them
// at once and without a transaction: some may be written though an error
// comes back.
func Write(ctx context.Context, function app.Function, answer Answer, expressions Expressions, store storage.Writer) (Outcome, error) {
	written := make([]Written, len(function.Outputs))
	failures := make([]error, len(function.Outputs))
	outcome := Outcome{Remarks: remarksOnAnswer(function, answer)}
	var writing sync.WaitGroup
	for i, output := range function.Outputs {
		value, dataType := pick(answer, function.Outputs, output)
		if value.Kind == dotnet.KindNull {
			continue
		}
		outcome.Remarks = append(outcome.Remarks, remarksOnValue(output, value, dataType)...)
		writing.Go(func() {
			var err error
			written[i], err = write(ctx, output, newContent(value, dataType), expressions, store)
			if err != nil {
				failures[i] = fmt.Errorf("output %s: %w", output.Name, err)
			}
		})
	}
	writing.Wait()
	for _, w := range written {
		if len(w.Items) > 0 {
			outcome.Written = append(outcome.Written, w)
		}
	}
	return outcome, errors.Join(failures...)
}

// returnValue is the name of the output that is fed by ReturnValue alone.
const returnValue = "$return"

// pick is the value for an output, null if there is none, and how it is to be
// looked at. Names are compared to the letter. Where no output is called
// $return, a ReturnValue that is an object speaks for the outputs that it
// names, and base64 is not looked for in it.
func pick(answer Answer, outputs []app.Binding, output app.Binding) (dotnet.Value, string) {
	if output.Name == returnValue {
		return answer.ReturnValue, output.DataType
	}
	if !bindsReturn(outputs) {
		if value, ok := answer.ReturnValue.Get(output.Name); ok {
			return value, "binary"
		}
	}
	value, _ := dotnet.NewObject(answer.Outputs...).Get(output.Name)
	return value, output.DataType
}

func bindsReturn(outputs []app.Binding) bool {
	return slices.ContainsFunc(outputs, func(o app.Binding) bool { return o.Name == returnValue })
}

// write writes one output.
func write(ctx context.Context, output app.Binding, c content, expressions Expressions, store storage.Writer) (Written, error) {
	w := writer{output: output, content: c, expressions: expressions, store: store}
	if !output.Written {
		return w.record()
	}
	if err := CheckConnection(output.Text("connection"), expressions.Setting); err != nil {
		return Written{}, err
	}
	switch {
	case output.Is("queue"):
		return w.queue(ctx)
	case output.Is("table"):
		return w.table(ctx)
	default:
		return w.blob(ctx)
	}
}

type writer struct {
	output      app.Binding
	content     content
	expressions Expressions
	store       storage.Writer
}

// name is a member of the binding with its expressions resolved.
func (w writer) name(member string) (string, error) {
	text, err := w.expressions.Resolve(w.output.Text(member))
	if err != nil {
		return "", fmt.Errorf("%s: %w", member, err)
	}
	return text, nil
}

// record takes note of what would be sent somewhere else.
func (w writer) record() (Written, error) {
	contents, err := w.content.items()
	return Written{Output: w.output.Name, Target: w.output.Type + " (recorded, not sent)", Items: unnamed(contents)}, err
}

func unnamed(contents [][]byte) []Item {
	items := make([]Item, len(contents))
	for i, content := range contents {
		items[i].Content = content
	}
	return items
}

func (w writer) queue(ctx context.Context) (Written, error) {
	queue, err := w.name("queueName")
	if err != nil {
		return Written{}, err
	}
	queue = strings.ToLower(queue)
	messages, err := w.content.items()
	if err != nil {
		return Written{}, err
	}
	for _, message := range messages {
		if err := w.store.Enqueue(ctx, queue, message); err != nil {
			return Written{}, err
		}
	}
	return Written{Output: w.output.Name, Target: "queue " + queue, Items: unnamed(messages)}, nil
}

func (w writer) table(ctx context.Context) (Written, error) {
	table, err := w.name("tableName")
	if err != nil {
		return Written{}, err
	}
	items, err := w.content.items()
	if err != nil {
		return Written{}, err
	}
	changes := make([]storage.Change, len(items))
	for i, item := range items {
		columns, err := entity(item)
		if err != nil {
			return Written{}, err
		}
		if changes[i], err = change(columns, w.output.Text("partitionKey"), w.output.Text("rowKey")); err != nil {
			return Written{}, err
		}
	}
	err = writeRows(ctx, w.store, table, changes)
	if errors.Is(err, storage.ErrConflict) {
		err = fmt.Errorf("%w: a row without an ETag is only ever inserted, so a redelivered event fails for ever; send \"ETag\":\"*\" to replace", err)
	}
	if err != nil {
		return Written{}, err
	}
	rows := make([]Item, len(changes))
	for i, change := range changes {
		rows[i] = Item{Name: change.Row.PartitionKey + " " + change.Row.RowKey, Content: storage.EncodeRow(change.Row)}
	}
	return Written{Output: w.output.Name, Target: "table " + table, Items: rows}, nil
}

func (w writer) blob(ctx context.Context) (Written, error) {
	path, err := w.name("path")
	if err != nil {
		return Written{}, err
	}
	container, name, ok := strings.Cut(path, "/")
	if !ok {
		return Written{}, fmt.Errorf("path %q has no blob name behind the container", path)
	}
	bytes, err := w.content.blob()
	if err != nil {
		return Written{}, err
	}
	if err := w.store.PutBlob(ctx, container, name, bytes); err != nil {
		return Written{}, err
	}
	return Written{Output: w.output.Name, Target: "container " + container, Items: []Item{{name, bytes}}}, nil
}
