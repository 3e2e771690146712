package bridge

import (
	"fmt"
	"slices"
	"strings"
)

// config is a function.json.
type config struct {
	Bindings []binding `json:"bindings"`
}

type binding struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Direction string `json:"direction"`
	DataType  string `json:"dataType"`
}

// check returns the trigger's name and the names of the outputs in their
// order, or all that is wrong.
func (c config) check(f Function) (trigger string, outputs []string, wrong []error) {
	offered := append(f.Outputs(), rejectedEvents)
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(format, args...))
	}
	for _, b := range c.Bindings {
		switch strings.ToLower(b.Direction) {
		case "in":
			switch {
			case !strings.EqualFold(b.Type, triggerType):
				complain("binding '%s' of type '%s': the only input may be the %s", b.Name, b.Type, triggerType)
			case trigger != "":
				complain("binding '%s': there is a trigger already, '%s'", b.Name, trigger)
			default:
				trigger = b.Name
			}
		case "out":
			if err := b.checkOutput(offered); err != nil {
				wrong = append(wrong, err)
			} else if slices.Contains(outputs, b.Name) {
				complain("output '%s' is bound twice", b.Name)
			} else {
				outputs = append(outputs, b.Name)
			}
		default:
			complain("binding '%s' has direction '%s': write 'in' for the trigger, 'out' for an output", b.Name, b.Direction)
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
	i := slices.IndexFunc(offered, func(o Output) bool { return o.Name == b.Name })
	switch {
	case i < 0:
		return fmt.Errorf("output '%s': the function has no such output: it has %s", b.Name, inQuotes(outputNames(offered)))
	case !slices.ContainsFunc(offered[i].Kind.types(), func(t string) bool { return strings.EqualFold(t, b.Type) }):
		return fmt.Errorf("output '%s' has type '%s': write %s", b.Name, b.Type, strings.Join(offered[i].Kind.types(), ", "))
	case b.DataType != "":
		return fmt.Errorf("output '%s' has dataType '%s': remove it, for it changes what the host writes", b.Name, b.DataType)
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
