package bridge

import (
	"encoding/json/jsontext"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// Binding is an element of "bindings" in a function.json.
type Binding struct {
	Name, Type, Direction string
	// DataType is kept unparsed, because most bindings must not have one of any form.
	DataType lenient.Value
	// Targets are the texts that name what an output writes to, such as path and
	// queueName. They may contain binding expressions.
	Targets []string
}

func (b *Binding) hasDataType() bool {
	return b.DataType != "" && b.DataType.Kind() != jsontext.KindNull
}

// readBindings reads a function.json. Like the host it ignores the case of names.
func readBindings(file lenient.Value) (bindings []Binding) {
	top := file.Fields()
	for element := range top.Get("bindings").Elements() {
		fields := element.Fields()
		var targets []string
		for name, value := range element.Members() {
			if !strings.EqualFold(name, "name") {
				targets = append(targets, value.Text())
			}
		}
		bindings = append(bindings, Binding{
			Name:      fields.Get("name").Text(),
			Type:      fields.Get("type").Text(),
			Direction: fields.Get("direction").Text(),
			DataType:  fields.Get("dataType"),
			Targets:   targets,
		})
	}
	return bindings
}

// bind checks what a function.json binds against the function, and returns every
// mistake.
func bind(f Function, bindings []Binding) (*boundFunction, []error) {
	bound := &boundFunction{Function: f}
	var mistakes []error
	mistake := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	for _, b := range bindings {
		switch strings.ToLower(b.Direction) {
		case "in":
			switch {
			case !strings.EqualFold(b.Type, f.Trigger):
				mistake("binding '%s' of type '%s': the only input may be the %s", b.Name, b.Type, f.Trigger)
			case bound.trigger != "":
				mistake("binding '%s': the function already has the trigger '%s'", b.Name, bound.trigger)
			case f.Trigger == QueueTrigger && b.hasDataType():
				mistake("binding '%s' has dataType '%s': remove it, because it changes how the host encodes the message", b.Name, b.DataType.Text())
			default:
				bound.trigger = b.Name
			}
		case "out":
			if f.Trigger == HTTPTrigger && strings.EqualFold(b.Type, httpOutput) {
				if bound.response != "" {
					mistake("output '%s': the function already answers with the output '%s'", b.Name, bound.response)
				}
				bound.response = b.Name
				continue
			}
			if err := checkOutput(f, b); err != nil {
				mistakes = append(mistakes, err)
			} else if slices.Contains(bound.outputs, b.Name) {
				mistake("output '%s' is bound twice", b.Name)
			} else {
				bound.outputs = append(bound.outputs, b.Name)
			}
		default:
			mistake("binding '%s' has direction '%s': write 'in' for the trigger, 'out' for an output", b.Name, b.Direction)
		}
	}
	if len(mistakes) > 0 {
		return nil, mistakes // what is missing may be misspelt
	}
	if bound.trigger == "" {
		mistake("no trigger: add a binding of type %s, direction in", f.Trigger)
	}
	if f.Trigger == HTTPTrigger && bound.response == "" {
		mistake("no output of type %s: add one; without it the host answers 204 to every request", httpOutput)
	}
	if f.Trigger != QueueTrigger && !slices.Contains(bound.outputs, rejectedEvents.Name) {
		mistake("no output '%s': add a binding of type blob; without it events that can't be written would be lost", rejectedEvents.Name)
	}
	for every, outputs := range f.complete() {
		if !slices.ContainsFunc(outputs, func(o Output) bool { return slices.Contains(bound.outputs, o.Name) }) {
			mistake("no output takes all %s, so some would be written nowhere: add one of %s", every, outputNames(outputs))
		}
	}
	return bound, mistakes
}

// complete yields what some outputs take all of, and these outputs.
func (f *Function) complete() iter.Seq2[string, []Output] {
	byName := make(map[string][]Output)
	for _, output := range f.Outputs {
		if output.Every != "" {
			byName[output.Every] = append(byName[output.Every], output)
		}
	}
	return func(yield func(string, []Output) bool) {
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			if !yield(name, byName[name]) {
				return
			}
		}
	}
}

// checkOutput returns the mistake in the binding of an output.
func checkOutput(f Function, b Binding) error {
	offered := f.offered()
	i := slices.IndexFunc(offered, func(o Output) bool { return o.Name == b.Name })
	if i < 0 {
		return fmt.Errorf("output '%s': the function has no such output: it has %s", b.Name, outputNames(offered))
	}
	types := offered[i].Kind.bindingTypes()
	switch {
	case !slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, b.Type) }):
		return fmt.Errorf("output '%s' has type '%s': write %s", b.Name, b.Type, strings.Join(types, ", "))
	case b.hasDataType():
		return fmt.Errorf("output '%s' has dataType '%s': remove it, because it changes what the host writes", b.Name, b.DataType.Text())
	case f.Trigger == HTTPTrigger && slices.ContainsFunc(b.Targets, chosenByCaller):
		return fmt.Errorf("output '%s': write only expressions that start with {sys. or %%, such as {sys.randguid}: the query or body of a request can set the value of any other, and so choose what is overwritten", b.Name)
	default:
		return nil
	}
}

// chosenByCaller reports whether a target contains a binding expression whose value
// an HTTP request can set: the host takes the fields of the query and of the body
// before its own values.
func chosenByCaller(target string) bool {
	return strings.Count(target, "{") > strings.Count(strings.ToLower(target), "{sys.")
}

func outputNames(outputs []Output) string {
	return inQuotes(outputs, func(o Output) string { return o.Name })
}
