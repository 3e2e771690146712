package bridge

import (
	"encoding/json/jsontext"
	"fmt"
	"slices"
	"strings"

	"whatsapp-functions/handler/lenient"
)

// config is a function.json.
type config struct {
	bindings []binding
}

type binding struct {
	name, kind, direction string
	// dataType is as it is written: whatever it is, an output may not have it.
	dataType lenient.Value
}

// newConfig reads a function.json. The host takes names in any case.
func newConfig(file lenient.Value) (c config) {
	for name, value := range file.Members() {
		if !strings.EqualFold(name, "bindings") {
			continue
		}
		c.bindings = nil
		for element := range value.Elements() {
			c.bindings = append(c.bindings, newBinding(element))
		}
	}
	return c
}

func newBinding(element lenient.Value) (b binding) {
	for name, value := range element.Members() {
		switch strings.ToLower(name) {
		case "name":
			b.name = value.Text()
		case "type":
			b.kind = value.Text()
		case "direction":
			b.direction = value.Text()
		case "datatype":
			b.dataType = value
		}
	}
	return b
}

// check returns the trigger's name and the names of the outputs in their
// order, or all that is wrong.
func (c config) check(f Function) (trigger string, outputs []string, wrong []error) {
	offered := append(f.Outputs(), rejectedEvents)
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(format, args...))
	}
	for _, b := range c.bindings {
		switch strings.ToLower(b.direction) {
		case "in":
			switch {
			case !strings.EqualFold(b.kind, triggerType):
				complain("binding '%s' of type '%s': the only input may be the %s", b.name, b.kind, triggerType)
			case trigger != "":
				complain("binding '%s': there is a trigger already, '%s'", b.name, trigger)
			default:
				trigger = b.name
			}
		case "out":
			if err := b.checkOutput(offered); err != nil {
				wrong = append(wrong, err)
			} else if slices.Contains(outputs, b.name) {
				complain("output '%s' is bound twice", b.name)
			} else {
				outputs = append(outputs, b.name)
			}
		default:
			complain("binding '%s' has direction '%s': write 'in' for the trigger, 'out' for an output", b.name, b.direction)
		}
	}
	if len(wrong) > 0 {
		return "", nil, wrong
	}
	if trigger == "" {
		complain("no trigger: add a binding of type %s, direction in", triggerType)
	}
	if !slices.Contains(outputs, rejectedEvents.Name) {
		complain("no output '%s': add a binding of type blob; without it events that can't be written would be lost", rejectedEvents.Name)
	} else if every := every(f.Outputs()); !slices.ContainsFunc(every, func(name string) bool { return slices.Contains(outputs, name) }) {
		complain("no output takes every event, so some would be written nowhere: add one of %s", inQuotes(every))
	}
	return trigger, outputs, wrong
}

func (b binding) checkOutput(offered []Output) error {
	i := slices.IndexFunc(offered, func(o Output) bool { return o.Name == b.name })
	switch {
	case i < 0:
		return fmt.Errorf("output '%s': the function has no such output: it has %s", b.name, inQuotes(outputNames(offered)))
	case !slices.ContainsFunc(offered[i].Kind.types(), func(t string) bool { return strings.EqualFold(t, b.kind) }):
		return fmt.Errorf("output '%s' has type '%s': write %s", b.name, b.kind, strings.Join(offered[i].Kind.types(), ", "))
	case b.dataType != "" && b.dataType.Kind() != jsontext.KindNull:
		return fmt.Errorf("output '%s' has dataType '%s': remove it, for it changes what the host writes", b.name, b.dataType.Text())
	default:
		return nil
	}
}

// every are the names of the outputs that every event goes to.
func every(outputs []Output) []string {
	return outputNames(slices.DeleteFunc(slices.Clone(outputs), func(o Output) bool { return !o.Every }))
}

func outputNames(outputs []Output) []string {
	all := make([]string, len(outputs))
	for i, o := range outputs {
		all[i] = o.Name
	}
	return all
}
