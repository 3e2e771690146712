package bridge

import (
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// Binding is an element of "bindings" in a function.json.
type Binding struct {
	Name, Type, Direction string
	// DataType is kept unparsed, because an output must not have one of any form.
	DataType lenient.Value
}

// readBindings reads a function.json. Like the host it ignores the case of names.
func readBindings(file lenient.Value) (bindings []Binding) {
	top := file.Fields()
	for element := range top.Get("bindings").Elements() {
		fields := element.Fields()
		bindings = append(bindings, Binding{
			Name:      fields.Get("name").Text(),
			Type:      fields.Get("type").Text(),
			Direction: fields.Get("direction").Text(),
			DataType:  fields.Get("dataType"),
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
			default:
				bound.trigger = b.Name
			}
		case "out":
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
	if !slices.Contains(bound.outputs, rejectedEvents.Name) {
		mistake("no output '%s': add a binding of type blob; without it events that can't be written would be lost", rejectedEvents.Name)
	} else if !bound.writesEveryEvent() {
		every := slices.DeleteFunc(slices.Clone(f.Outputs), func(o Output) bool { return !o.EveryEvent })
		mistake("no output takes every event, so some would be written nowhere: add one of %s", outputNames(every))
	}
	return bound, mistakes
}

func (f *boundFunction) writesEveryEvent() bool {
	return slices.ContainsFunc(f.Outputs, func(o Output) bool { return o.EveryEvent && slices.Contains(f.outputs, o.Name) })
}

// checkOutput returns the mistake in the binding of an output.
func checkOutput(f Function, b Binding) error {
	offered := append(slices.Clone(f.Outputs), rejectedEvents)
	i := slices.IndexFunc(offered, func(o Output) bool { return o.Name == b.Name })
	if i < 0 {
		return fmt.Errorf("output '%s': the function has no such output: it has %s", b.Name, outputNames(offered))
	}
	types := offered[i].Kind.bindingTypes()
	switch {
	case !slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, b.Type) }):
		return fmt.Errorf("output '%s' has type '%s': write %s", b.Name, b.Type, strings.Join(types, ", "))
	case b.DataType != "" && b.DataType.Kind() != jsontext.KindNull:
		return fmt.Errorf("output '%s' has dataType '%s': remove it, because it changes what the host writes", b.Name, b.DataType.Text())
	default:
		return nil
	}
}

func outputNames(outputs []Output) string {
	return inQuotes(outputs, func(o Output) string { return o.Name })
}
