package app

import (
	"fmt"
	"regexp"
	"strings"
)

// EventGridTrigger is the type of the triggers that events invoke.
const EventGridTrigger = "eventGridTrigger"

// Binding is one binding of a function.json.
type Binding struct {
	Name string
	// Type is verbatim, such as "queue".
	Type string
	// DataType is "binary", "string", "stream" or "".
	DataType string
	// Many means that the trigger passes all events of a delivery at once.
	Many bool
	// Written means that an output is written, not only recorded.
	Written bool

	output bool
	fields section
}

// bindingName is the form that the host takes (Utility.cs).
var bindingName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{0,127}|\$return)$`)

func newBinding(fields section) Binding {
	b := Binding{
		Name:   fields.string("name", ""),
		Type:   fields.string("type", ""),
		Many:   fields.oneOf("cardinality", "one", "one", "many") == "many",
		output: fields.oneOf("direction", "in", "in", "out", "inout") == "out",
		fields: fields,
	}
	if fields.string("dataType", "") != "" {
		b.DataType = fields.oneOf("dataType", "", "binary", "string", "stream")
	}
	return b
}

// Text returns a field of the binding, such as queueName, or "".
func (b Binding) Text(name string) string { return b.fields.string(name, "") }

// Is reports whether the binding is of a type, in any case.
func (b Binding) Is(bindingType string) bool { return strings.EqualFold(b.Type, bindingType) }

func (b Binding) isTrigger() bool {
	return !b.output && strings.HasSuffix(strings.ToLower(b.Type), "trigger")
}

// outputTypes are the supported output bindings, with the field that names the
// target. devhost only records what goes to those that are not written.
var outputTypes = []struct {
	name    string
	target  string
	written bool
}{
	{"queue", "queueName", true},
	{"table", "tableName", true},
	{"blob", "path", true},
	{"serviceBus", "", false},
	{"eventHub", "eventHubName", false},
	{"eventGrid", "", false},
	{"cosmosDB", "containerName", false},
	{httpOutput, "", false},
}

func (f *Function) addOutput(b Binding) {
	for _, known := range outputTypes {
		if !b.Is(known.name) {
			continue
		}
		target := b.Text(known.target)
		switch {
		case known.target != "" && target == "":
			b.fields.warn(known.target, "is missing: every invocation that writes this output fails")
		case known.name == "blob" && !strings.Contains(target, "{"):
			b.fields.warn(known.target, "has no expression such as {sys.randguid}: every invocation overwrites the same blob")
		case !known.written && known.name != httpOutput:
			b.fields.warn("type", fmt.Sprintf("is %q: devhost records what it would send, and sends nothing", b.Type))
		}
		b.Written = known.written
		f.Outputs = append(f.Outputs, b)
		return
	}
	b.fields.fault("type", fmt.Sprintf("is %q: devhost supports queue, table, blob, serviceBus, eventHub, eventGrid, cosmosDB and http", b.Type))
}
